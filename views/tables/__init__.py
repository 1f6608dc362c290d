"""What the pictures that live in the browser show, as tables: arrays and tokens in, a table out.

Each is made only when a person opens it, in the menu under its picture (`ui.below`).
"""
