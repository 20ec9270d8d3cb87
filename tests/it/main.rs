//! The integration tests, one binary: a file a behaviour. They run against a real PostgreSQL and a real RabbitMQ
//! (see `support`); where one of them is missing they fail and say what to install.

#[cfg(test)]
mod broker;
#[cfg(test)]
mod chaos;
#[cfg(test)]
mod cli;
#[cfg(test)]
mod daemon;
#[cfg(test)]
mod files;
#[cfg(test)]
mod hostile;
#[cfg(test)]
mod intake;
#[cfg(test)]
mod linkage;
#[cfg(test)]
mod rebuild;
#[cfg(test)]
mod reload;
#[cfg(test)]
mod review;
#[cfg(test)]
mod services;
#[cfg(test)]
mod shutdown;
#[cfg(test)]
mod sources;
#[cfg(test)]
mod sources_amqp;
#[cfg(test)]
mod sources_sql;
#[cfg(test)]
mod support;
#[cfg(test)]
mod unit_file;
