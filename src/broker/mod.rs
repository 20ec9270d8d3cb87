//! RabbitMQ, topology as const data, publishing with confirms, consuming with settlement (layer L2).
