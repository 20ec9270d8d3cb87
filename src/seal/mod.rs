//! what of a record is sealed, keyed hashes and authenticated encryption (layer L1).
