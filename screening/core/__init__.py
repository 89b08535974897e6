"""Rule sets and their meaning. Pure: no Flask, no database, no clock, no files but in `loading`."""
