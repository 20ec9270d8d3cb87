//! simulated agencies over real transports and the records they hold (layer L6).
