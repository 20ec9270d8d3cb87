//! The integration tests, one binary: a file a behaviour. They run against a real PostgreSQL and a real RabbitMQ
//! (see `support`); where one of them is missing they fail and say what to install.

mod broker;
#[cfg(test)]
mod intake;
#[cfg(test)]
mod services;
#[cfg(test)]
mod support;
#[cfg(test)]
mod unit_file;
