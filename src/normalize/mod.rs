//! pure rules that make values comparable, one file a field (layer L1).
