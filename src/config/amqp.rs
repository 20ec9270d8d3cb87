//! `[amqp]`: a queue on the source's own broker.

use std::num::NonZeroU16;

use super::section::Section;
use super::{authentication, settings};
use crate::sources::amqp::AmqpConfig;

/// The keys of `[amqp]`.
pub const KEYS: &[&str] = &["url", "url_file", "queue", "prefetch", "tls"];

const PREFETCH: NonZeroU16 = match NonZeroU16::new(100) {
    Some(prefetch) => prefetch,
    None => unreachable!(),
};

/// Checks `[amqp]`.
pub fn check(section: &Section<'_>) -> Option<AmqpConfig> {
    let url = settings::url(section, &["amqp", "amqps"], "amqps://ttcp@mq.example.vn:5671/%2f");
    let queue = section.required_text("queue", "the queue there that petitiond reads, as in \"kntc.export\"");
    let prefetch = section.integer("prefetch", 1..=10_000_u16).and_then(NonZeroU16::new).unwrap_or(PREFETCH);
    let tls = authentication::tls_of(section)?;
    let (url, queue) = (url?, queue?);
    if queue.value.len() > 255 {
        section.check.error(&queue.place, "`amqp.queue` is longer than 255 bytes, which no queue's name is");
        return None;
    }
    let config = AmqpConfig { url: url.value, queue: queue.value.to_owned(), prefetch, tls };
    if let Err(reason) = config.check() {
        section.check.error(&url.place, reason);
        return None;
    }
    Some(config)
}
