"""The script that makes the two sample cases; nothing in it comes from a patient."""
