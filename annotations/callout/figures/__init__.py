"""Figures as recipes: what a panel shows is written down, and the same recipe gives the same pixels, with no screen.

`recipe` says what a figure shows; `projection` and `window` take a native slice to panel pixels and grey; `outline`,
`board` and `layout` find lines and the places of markers; `display` lists what is drawn; `raster` and `png` draw it.
"""
