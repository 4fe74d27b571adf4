"""The napari plugin of Callout.

Rooms: `session` (the open case and what is selected; no Qt, no napari) ← `layers` (volumes and regions as layer data)
← `panes` (what a view shows as pixels, lines and words, and what the hand does on it; pure) ← `qt` (views: they show
what they are told and say what was clicked) ← `host` (the one room that touches napari).
"""
