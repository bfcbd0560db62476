"""Every port kept in memory: the same promises as the real systems, in one process, on any clock."""
