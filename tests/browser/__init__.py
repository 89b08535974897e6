"""The patient's door in a real browser, against a real `screening serve`."""
