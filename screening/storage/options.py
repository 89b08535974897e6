"""What a connection is told of the transaction that begins: options of SQLAlchemy's, by name."""

READS = "reads"  # and can change nothing
WRITES = "writes"
AT_ONCE = "at_once"  # it is to write now or not at all
ALONE = "alone"  # it has a single statement
