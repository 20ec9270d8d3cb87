//! functions on a PostgreSQL connection, one file a table (layer L2).
