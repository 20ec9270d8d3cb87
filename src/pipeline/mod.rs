//! where the layers meet, pull, intake, link, relay, schedule (layer L3).
