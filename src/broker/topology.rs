//! The names at the broker and what stands behind them, as data.
//!
//! **Arguments or policies?** The arguments of a queue are fixed when it is made: another value later is an error
//! (406) until the queue is deleted. A policy can be changed at any time, but only by an administrator
//! (`rabbitmqctl` or the management interface), not over AMQP, and it may be missing. So:
//!
//! - What must hold from the first message is an argument: quorum queues, the delivery limit (without one,
//!   RabbitMQ 3.10 gives a message that kills its handler back for ever), dead-lettering at least once with
//!   `reject-publish` (the other kinds lose messages when the dead queue is not there), and for receipts a generous
//!   ceiling in bytes and time, so that a source that never reads its receipts cannot fill the disk.
//! - What an operator tunes is a policy: how long an inbox may grow, and tighter bounds on receipts. Where an
//!   argument and a policy both give a limit, RabbitMQ takes the smaller. [`policies`] says them with their defaults;
//!   without them everything still works.
//!
//! Only what RabbitMQ 3.10 to 4.x understand alike is used: durable quorum queues, nothing else.

use lapin::ExchangeKind;
use lapin::types::{AMQPValue, FieldTable, LongString, ShortString};

use crate::domain::SourceId;

/// How an exchange chooses queues.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Routing {
    Direct,
    Topic,
    Fanout,
}

/// `{prefix}.{name}`, durable.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Exchange {
    pub name: &'static str,
    pub routing: Routing,
}

/// One argument of a queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Argument {
    Text(&'static str, &'static str),
    Number(&'static str, i64),
    /// `x-delivery-limit`, from the configuration.
    DeliveryLimit,
    /// `x-dead-letter-exchange`: the exchange of that name.
    DeadLetterTo(&'static str),
}

/// `{prefix}.{name}` or, where there is one for every source, `{prefix}.{name}.{source}`; bound to the exchange
/// of the same name. Durable.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Queue {
    pub name: &'static str,
    pub per_source: bool,
    pub arguments: &'static [Argument],
}

pub const INBOX: &str = "inbox";
pub const RECEIPTS: &str = "receipts";
pub const CHANGES: &str = "changes";
pub const DEAD: &str = "dead";

/// All exchanges.
pub const EXCHANGES: [Exchange; 4] = [
    // a topic exchange although every key is bound as it is: only there does RabbitMQ check who may use which key
    Exchange { name: INBOX, routing: Routing::Topic },
    Exchange { name: RECEIPTS, routing: Routing::Direct },
    Exchange { name: CHANGES, routing: Routing::Topic },
    Exchange { name: DEAD, routing: Routing::Fanout },
];

/// All queues. Whoever reads `changes` makes a queue of their own.
pub const QUEUES: [Queue; 3] = [
    Queue {
        name: INBOX,
        per_source: true,
        arguments: &[
            Argument::Text("x-queue-type", "quorum"),
            Argument::DeliveryLimit,
            Argument::DeadLetterTo(DEAD),
            Argument::Text("x-dead-letter-strategy", "at-least-once"),
            Argument::Text("x-overflow", "reject-publish"),
        ],
    },
    Queue {
        name: RECEIPTS,
        per_source: true,
        arguments: &[
            Argument::Text("x-queue-type", "quorum"),
            Argument::Number("x-max-length-bytes", 1 << 30),
            Argument::Number("x-message-ttl", 30 * 24 * 3600 * 1000),
        ],
    },
    // RabbitMQ 4 limits deliveries to 20 unless told otherwise, and this queue has nowhere to pass a message on:
    // twenty looks at it in the management pages would delete it. -1 is not understood by 3.10.
    Queue {
        name: DEAD,
        per_source: false,
        arguments: &[Argument::Text("x-queue-type", "quorum"), Argument::Number("x-delivery-limit", 1_000_000_000)],
    },
];

/// The names under one prefix.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Topology {
    prefix: String,
    delivery_limit: u32,
}

/// Where a message goes.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Route {
    pub exchange: String,
    pub routing_key: String,
    /// Whether some queue must take it. Changes may have no reader; everything else must arrive.
    pub mandatory: bool,
}

impl std::fmt::Display for Route {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} → {}", self.exchange, self.routing_key)
    }
}

impl Topology {
    pub fn new(prefix: &str, delivery_limit: u32) -> Self {
        Self { prefix: prefix.to_owned(), delivery_limit }
    }

    /// The full name of an exchange, or of a queue that is not per source.
    pub fn name(&self, name: &str) -> String {
        format!("{}.{name}", self.prefix)
    }

    /// The queue in which the records of `source` wait.
    pub fn inbox_queue(&self, source: &SourceId) -> String {
        format!("{}.{INBOX}.{source}", self.prefix)
    }

    /// The queue from which `source` reads what became of its records.
    pub fn receipts_queue(&self, source: &SourceId) -> String {
        format!("{}.{RECEIPTS}.{source}", self.prefix)
    }

    /// The queue of messages that killed their handler.
    pub fn dead_queue(&self) -> String {
        self.name(DEAD)
    }

    /// To the inbox of `source`.
    pub fn to_inbox(&self, source: &SourceId) -> Route {
        Route { exchange: self.name(INBOX), routing_key: source.as_str().to_owned(), mandatory: true }
    }

    /// To the receipts of `source`.
    pub fn to_receipts(&self, source: &SourceId) -> Route {
        Route { exchange: self.name(RECEIPTS), routing_key: source.as_str().to_owned(), mandatory: true }
    }

    /// To whoever listens for changes under `routing_key`, `<entity>.<op>.<type>.<province>`; perhaps nobody.
    pub fn to_changes(&self, routing_key: impl Into<String>) -> Route {
        Route { exchange: self.name(CHANGES), routing_key: routing_key.into(), mandatory: false }
    }

    pub(super) fn arguments(&self, queue: &Queue) -> FieldTable {
        let mut table = FieldTable::default();
        let text = |value: &str| AMQPValue::LongString(LongString::from(value));
        for argument in queue.arguments {
            let (key, value) = match *argument {
                Argument::Text(key, value) => (key, text(value)),
                Argument::Number(key, value) => (key, AMQPValue::LongLongInt(value)),
                Argument::DeliveryLimit => ("x-delivery-limit", AMQPValue::LongLongInt(i64::from(self.delivery_limit))),
                Argument::DeadLetterTo(exchange) => ("x-dead-letter-exchange", text(&self.name(exchange))),
            };
            table.insert(ShortString::from(key), value);
        }
        table
    }
}

impl Routing {
    pub(super) const fn kind(self) -> ExchangeKind {
        match self {
            Self::Direct => ExchangeKind::Direct,
            Self::Topic => ExchangeKind::Topic,
            Self::Fanout => ExchangeKind::Fanout,
        }
    }
}

/// A policy for an administrator to set:
/// `rabbitmqctl set_policy --apply-to <apply_to> <name> <pattern> <definition>`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy {
    pub name: String,
    /// A regular expression on queue names.
    pub pattern: String,
    pub apply_to: &'static str,
    /// JSON.
    pub definition: String,
}

impl Policy {
    /// The policy as a shell command.
    pub fn command(&self) -> String {
        let Self { name, pattern, apply_to, definition } = self;
        format!("rabbitmqctl set_policy --apply-to {apply_to} '{name}' '{pattern}' '{definition}'")
    }
}

/// The policies that the daemon was made for, with their default bounds.
///
/// An inbox that is full refuses publications (its queue says `reject-publish`) and the pull waits. Receipts that
/// grow beyond their bound lose their oldest.
pub fn policies(prefix: &str) -> Vec<Policy> {
    let policy = |name: &str, definition: serde_json::Value| Policy {
        name: format!("{prefix}-{name}"),
        pattern: format!("^{prefix}\\.{name}\\."),
        apply_to: "queues",
        definition: definition.to_string(),
    };
    vec![
        policy(INBOX, serde_json::json!({ "max-length-bytes": 8_u64 << 30 })),
        policy(RECEIPTS, serde_json::json!({ "max-length": 200_000, "message-ttl": 14 * 24 * 3600 * 1000 })),
    ]
}

/// What the account of a source on the broker may do, as commands for an administrator: publish to its own inbox under
/// its own name, and read its own receipts. Without the second command an account may publish as any source.
pub fn account_commands(prefix: &str, source: &SourceId, account: &str) -> [String; 2] {
    [
        format!(
            "rabbitmqctl set_permissions {account} '^$' '^{prefix}\\.{INBOX}$' '^{prefix}\\.{RECEIPTS}\\.{source}$'"
        ),
        format!("rabbitmqctl set_topic_permissions {account} {prefix}.{INBOX} '^{source}$' '^$'"),
    ]
}

#[cfg(test)]
mod tests {
    use expect_test::expect;

    use super::*;

    fn topology() -> Topology {
        Topology::new("petition", 10)
    }

    #[test]
    fn the_names_are_those_of_the_contract() {
        let source = SourceId::parse("bxd").unwrap();
        let names = [
            topology().inbox_queue(&source),
            topology().receipts_queue(&source),
            topology().dead_queue(),
            topology().to_inbox(&source).to_string(),
            topology().to_receipts(&source).to_string(),
            topology().to_changes("petition.update.complaint.24").to_string(),
        ];
        expect![[r"
            petition.inbox.bxd
            petition.receipts.bxd
            petition.dead
            petition.inbox → bxd
            petition.receipts → bxd
            petition.changes → petition.update.complaint.24"]]
        .assert_eq(&names.join("\n"));
    }

    #[test]
    fn an_inbox_never_loops_and_never_loses() {
        let inbox = QUEUES.iter().find(|queue| queue.name == INBOX).unwrap();
        let lines: Vec<_> =
            topology().arguments(inbox).inner().iter().map(|(key, value)| format!("{key} = {value:?}")).collect();
        expect![[r"
            x-dead-letter-exchange = LongString(LongString([112, 101, 116, 105, 116, 105, 111, 110, 46, 100, 101, 97, 100]))
            x-dead-letter-strategy = LongString(LongString([97, 116, 45, 108, 101, 97, 115, 116, 45, 111, 110, 99, 101]))
            x-delivery-limit = LongLongInt(10)
            x-overflow = LongString(LongString([114, 101, 106, 101, 99, 116, 45, 112, 117, 98, 108, 105, 115, 104]))
            x-queue-type = LongString(LongString([113, 117, 111, 114, 117, 109]))"]]
        .assert_eq(&lines.join("\n"));
    }

    #[test]
    fn every_queue_has_an_exchange_of_its_name_and_every_dead_letter_a_home() {
        let exists = |name: &str| EXCHANGES.iter().any(|exchange| exchange.name == name);
        for queue in QUEUES {
            assert!(exists(queue.name), "{}", queue.name);
            for argument in queue.arguments {
                if let Argument::DeadLetterTo(exchange) = argument {
                    assert!(exists(exchange), "{exchange}");
                }
            }
            assert!(queue.arguments.contains(&Argument::Text("x-queue-type", "quorum")), "{}", queue.name);
        }
    }

    #[test]
    fn the_policies_can_be_pasted() {
        let commands: Vec<_> = policies("petition").iter().map(Policy::command).collect();
        expect![[r#"
            rabbitmqctl set_policy --apply-to queues 'petition-inbox' '^petition\.inbox\.' '{"max-length-bytes":8589934592}'
            rabbitmqctl set_policy --apply-to queues 'petition-receipts' '^petition\.receipts\.' '{"max-length":200000,"message-ttl":1209600000}'"#]]
        .assert_eq(&commands.join("\n"));
        let commands = account_commands("petition", &SourceId::parse("bxd").unwrap(), "bxd");
        expect![[r"
            rabbitmqctl set_permissions bxd '^$' '^petition\.inbox$' '^petition\.receipts\.bxd$'
            rabbitmqctl set_topic_permissions bxd petition.inbox '^bxd$' '^$'"]]
        .assert_eq(&commands.join("\n"));
    }
}
