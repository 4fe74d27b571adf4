"""What a view of the window shows, as pixels, lines and words, and what the hand does on it; pure: no Qt, no napari."""
