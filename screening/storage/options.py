"""What a connection is told of the transaction that begins: options of SQLAlchemy's, by name."""

from collections.abc import Mapping

Options = Mapping[str, object]

READS = "reads"  # and can change nothing
WRITES = "writes"
AT_ONCE = "at_once"  # it is to write now or not at all
ALONE = "alone"  # it has a single statement
