//! What the machine's watch counts: requests by page and answer, how long they take, log-ins, how busy the store is.
//! Labels are patterns of addresses and words of ours, never what somebody typed.

use crate::trouble::Trouble;
use doudi_store::{LoginError, Vitals};
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::{Family, MetricConstructor};
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;
use std::time::Duration;

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Answered {
    method: &'static str,
    route: String,
    status: u16,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Route {
    route: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Came {
    outcome: &'static str,
}

/// Seconds. The promise for a list is 0.05, the longest that anybody waits is 60.
const BOUNDS: [f64; 11] = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0, 15.0, 60.0];

#[derive(Clone)]
struct Seconds;

impl MetricConstructor<Histogram> for Seconds {
    fn new_metric(&self) -> Histogram {
        Histogram::new(BOUNDS)
    }
}

/// Gauges of the store, set when somebody asks.
#[derive(Default)]
struct OfStore {
    up: Gauge,
    open_leads: Gauge,
    audit_records: Gauge,
    connections_open: Gauge,
    connections_lent: Gauge,
    connections_waited_for: Gauge,
    passwords_checked_now: Gauge,
    passwords_waiting: Gauge,
    reads_waiting: Gauge,
}

pub(crate) struct Metrics {
    registry: Registry,
    requests: Family<Answered, Counter>,
    seconds: Family<Route, Histogram, Seconds>,
    log_ins: Family<Came, Counter>,
    pub under_way: Gauge,
    pub connections: Gauge,
    /// Work that waits for a thread on which it may block.
    pub desk_waiting: Gauge,
    pub password_desk_waiting: Gauge,
    store: OfStore,
}

impl Default for Metrics {
    fn default() -> Metrics {
        let metrics = Metrics {
            registry: Registry::with_prefix("doudi"),
            requests: Family::default(),
            seconds: Family::new_with_constructor(Seconds),
            log_ins: Family::default(),
            under_way: Gauge::default(),
            connections: Gauge::default(),
            desk_waiting: Gauge::default(),
            password_desk_waiting: Gauge::default(),
            store: OfStore::default(),
        };
        metrics.registered()
    }
}

impl Metrics {
    fn registered(mut self) -> Metrics {
        let registry = &mut self.registry;
        registry.register("http_requests", "Answers by page and status", self.requests.clone());
        registry.register("http_request_seconds", "Time until the answer", self.seconds.clone());
        registry.register("log_ins", "Attempts to sign in by outcome", self.log_ins.clone());
        let store = &self.store;
        let gauges: [(&str, &str, &Gauge); 13] = [
            ("http_requests_under_way", "Requests being answered", &self.under_way),
            ("http_connections", "Open connections of browsers", &self.connections),
            ("desk_waiting", "Requests that wait for a thread that may block", &self.desk_waiting),
            ("password_desk_waiting", "Sign-ins that wait for their turn", &self.password_desk_waiting),
            ("store_up", "1 while the store answers", &store.up),
            ("open_leads", "Leads that are not settled", &store.open_leads),
            ("audit_records", "Records in the audit", &store.audit_records),
            ("database_connections_open", "Connections to the database", &store.connections_open),
            ("database_connections_lent", "Connections in use", &store.connections_lent),
            ("database_connections_waited_for", "Requests that wait for one", &store.connections_waited_for),
            ("passwords_checked_now", "Passwords being checked", &store.passwords_checked_now),
            ("passwords_waiting", "Passwords that wait to be checked", &store.passwords_waiting),
            ("audit_reads_waiting", "Reads that wait for the audit", &store.reads_waiting),
        ];
        for (name, help, gauge) in gauges {
            registry.register(name, help, gauge.clone());
        }
        self
    }

    pub fn answered(&self, method: &'static str, route: &str, status: u16, took: Duration) {
        self.requests.get_or_create(&Answered { method, route: route.to_owned(), status }).inc();
        self.seconds.get_or_create(&Route { route: route.to_owned() }).observe(took.as_secs_f64());
    }

    pub fn log_in<T>(&self, outcome: &Result<T, LoginError>) {
        let outcome = match outcome {
            Ok(_) => "signed-in",
            Err(LoginError::Wrong) => "wrong",
            Err(LoginError::Locked { .. }) => "locked",
            Err(LoginError::Disabled) => "disabled",
            Err(LoginError::Store(_)) => "failed",
        };
        self.log_ins.get_or_create(&Came { outcome }).inc();
    }

    /// All of it as text, with the store as it is now; `None` = the store does not answer.
    pub fn text(&self, vitals: Option<Vitals>) -> Result<String, Trouble> {
        let store = &self.store;
        store.up.set(vitals.is_some().into());
        if let Some(vitals) = vitals {
            let count = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
            store.open_leads.set(count(vitals.open_leads));
            store.audit_records.set(count(vitals.audit_records));
            store.connections_open.set(count(vitals.connections_open as u64));
            store.connections_lent.set(count(vitals.connections_lent as u64));
            store.connections_waited_for.set(count(vitals.connections_waited_for as u64));
            store.passwords_checked_now.set(count(vitals.passwords_checked_now as u64));
            store.passwords_waiting.set(count(vitals.passwords_waiting as u64));
            store.reads_waiting.set(count(vitals.reads_waiting as u64));
        }
        let mut text = String::new();
        encode(&mut text, &self.registry).map_err(Trouble::broken)?;
        Ok(text)
    }
}
