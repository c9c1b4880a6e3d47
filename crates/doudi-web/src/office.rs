//! What every page needs: the store, the clock, the names of places.

use crate::client::Proxies;
use crate::law::{Laws, Registries};
use crate::metrics::Metrics;
use crate::rosters::RosterDesk;
use crate::trouble::Trouble;
use doudi_casework::{CaseCounter, Moment};
use doudi_store::{Outcome, PASSWORDS_AT_ONCE, Store};
use doudi_terms::{Date, RegionCode};
use prometheus_client::metrics::gauge::Gauge;
use std::sync::{Arc, OnceLock};
use std::time::Duration;
use tokio::sync::Semaphore;

/// The one reader of the time.
pub trait Clock: Send + Sync {
    fn now(&self) -> Moment;
}

/// Names for codes; they decide nothing.
pub trait Places: Send + Sync {
    /// As lists show it: 绍庆街道, 彭水苗族土家族自治县; the code itself where nobody knows it.
    fn name(&self, place: RegionCode) -> String;

    /// From the county down: 彭水苗族土家族自治县绍庆街道文庙社区.
    fn long_name(&self, place: RegionCode) -> String;

    /// What lies directly below, in the order of codes.
    fn below(&self, place: RegionCode) -> Vec<RegionCode>;
}

/// The policies as pages that link to each other: whoever starts the server knows how to make them.
pub trait Handbook: Send + Sync {
    /// One page, for a place and a day; `index.html` is the first.
    fn page(&self, place: RegionCode, day: Date, file: &str) -> Option<Leaf>;

    /// Where a citation leads: `document-….html#…`.
    fn cite(&self, words: &str) -> Option<String>;

    /// Pages with these words.
    fn search(&self, place: RegionCode, day: Date, words: &str) -> Vec<Found>;
}

/// One page of the handbook.
pub struct Leaf {
    pub title: String,
    /// Markup, made by the handbook: every text in it is escaped there.
    pub body: String,
}

/// A page that was looked for.
pub struct Found {
    pub title: String,
    pub file: String,
    /// The words with what stands around them; plain text.
    pub excerpt: String,
}

/// How long and how many. What waits longer, or comes above, is turned away, so that those who are served are.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// For the head of a request; a connection that asks nothing is closed after the same time.
    pub head: Duration,
    /// From a request's head to its answer, its body and its turn included.
    pub answer: Duration,
    /// The same where files are sent: a telephone in a valley takes minutes for its photos.
    pub upload: Duration,
    /// For a browser to take the next piece of an answer.
    pub stall: Duration,
    /// For what is under way when somebody asks to stop.
    pub farewell: Duration,
    /// Browsers that are connected at once.
    pub connections: usize,
    /// Requests that use the store at once; more wait their turn without a thread.
    pub desks: usize,
    /// Sign-ins that wait for their turn; more are asked to come again.
    pub sign_ins: usize,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits {
            head: Duration::from_secs(20),
            answer: Duration::from_secs(60),
            upload: Duration::from_secs(15 * 60),
            stall: Duration::from_secs(30),
            farewell: Duration::from_secs(30),
            connections: 2_000,
            desks: 32,
            sign_ins: 500,
        }
    }
}

/// Shared by all requests.
#[derive(Clone)]
pub struct Office {
    inner: Arc<Inner>,
    rosters: Option<Arc<dyn RosterDesk>>,
    counter: Option<Arc<CaseCounter>>,
    proxies: Arc<Proxies>,
}

struct Inner {
    store: Arc<Store>,
    clock: Box<dyn Clock>,
    places: Box<dyn Places>,
    /// Served behind https: cookies never travel without it.
    secure: bool,
    limits: Limits,
    laws: Laws,
    registries: Registries,
    handbook: OnceLock<Box<dyn Handbook>>,
    metrics: Metrics,
    metrics_token: Option<String>,
    desks: Semaphore,
    /// A password takes a core for a while: those who wait for one must not keep others from their pages.
    password_desks: Semaphore,
}

impl Office {
    pub fn new(store: Arc<Store>, clock: Box<dyn Clock>, places: Box<dyn Places>, secure: bool) -> Office {
        Office::limited(store, clock, places, secure, Limits::default(), None)
    }

    /// With limits of its own, and a token that opens the counts to other machines.
    pub fn limited(
        store: Arc<Store>,
        clock: Box<dyn Clock>,
        places: Box<dyn Places>,
        secure: bool,
        limits: Limits,
        metrics_token: Option<String>,
    ) -> Office {
        let inner = Inner {
            store,
            clock,
            places,
            secure,
            limits,
            laws: Laws::default(),
            registries: Registries::default(),
            handbook: OnceLock::new(),
            metrics: Metrics::default(),
            metrics_token,
            desks: Semaphore::new(limits.desks),
            // One more than are checked at once: while it writes down that somebody came, the next is being checked.
            password_desks: Semaphore::new(PASSWORDS_AT_ONCE + 1),
        };
        Office { inner: Arc::new(inner), rosters: None, counter: None, proxies: Arc::default() }
    }

    /// With the rosters of a region, to be imported and cleared from pages.
    pub fn with_rosters(self, desk: Arc<dyn RosterDesk>) -> Office {
        Office { rosters: Some(desk), ..self }
    }

    /// With the procedures of cases, so that families can ask and be answered.
    pub fn with_counter(self, counter: Arc<CaseCounter>) -> Office {
        Office { counter: Some(counter), ..self }
    }

    pub(crate) fn counter(&self) -> Result<Arc<CaseCounter>, Trouble> {
        self.counter
            .clone()
            .ok_or_else(|| Trouble::bad("这个服务没有办件的程序。请系统管理员检查政策文件夹里的 procedures"))
    }

    /// Behind these proxies.
    pub fn with_proxies(self, proxies: Proxies) -> Office {
        Office { proxies: Arc::new(proxies), ..self }
    }

    pub(crate) fn proxies(&self) -> &Proxies {
        &self.proxies
    }

    pub(crate) fn rosters(&self) -> Option<Arc<dyn RosterDesk>> {
        self.rosters.clone()
    }

    /// Gives the office the policies as pages; without, it says that there are none.
    pub fn with_handbook(self, handbook: Box<dyn Handbook>) -> Office {
        // A second one finds the place taken: the first stays.
        let _ = self.inner.handbook.set(handbook);
        self
    }

    pub(crate) fn handbook(&self) -> Option<&dyn Handbook> {
        self.inner.handbook.get().map(AsRef::as_ref)
    }

    pub(crate) fn registries(&self) -> &Registries {
        &self.inner.registries
    }

    pub(crate) fn laws(&self) -> &Laws {
        &self.inner.laws
    }

    pub fn now(&self) -> Moment {
        self.inner.clock.now()
    }

    pub fn places(&self) -> &dyn Places {
        self.inner.places.as_ref()
    }

    pub(crate) fn is_secure(&self) -> bool {
        self.inner.secure
    }

    pub(crate) fn limits(&self) -> Limits {
        self.inner.limits
    }

    pub(crate) fn metrics(&self) -> &Metrics {
        &self.inner.metrics
    }

    pub(crate) fn metrics_token(&self) -> Option<&str> {
        self.inner.metrics_token.as_deref()
    }

    /// Does something with the store, on a thread that may wait. Whoever goes away while waiting is not served.
    pub(crate) async fn with_store<T, E>(
        &self,
        work: impl FnOnce(&Store) -> Result<T, E> + Send + 'static,
    ) -> Result<Result<T, E>, Trouble>
    where
        T: Send + 'static,
        E: Send + 'static,
    {
        let waiting = Waiting::begin(&self.metrics().desk_waiting);
        self.at(&self.inner.desks, waiting, work).await
    }

    /// The same for what checks or keeps a password.
    pub(crate) async fn with_password<T, E>(
        &self,
        work: impl FnOnce(&Store) -> Result<T, E> + Send + 'static,
    ) -> Result<Result<T, E>, Trouble>
    where
        T: Send + 'static,
        E: Send + 'static,
    {
        let waiting = Waiting::begin(&self.metrics().password_desk_waiting);
        if waiting.0.get() > i64::try_from(self.inner.limits.sign_ins).unwrap_or(i64::MAX) {
            return Err(Trouble::Busy);
        }
        self.at(&self.inner.password_desks, waiting, work).await
    }

    async fn at<T: Send + 'static>(
        &self,
        desks: &Semaphore,
        waiting: Waiting<'_>,
        work: impl FnOnce(&Store) -> T + Send + 'static,
    ) -> Result<T, Trouble> {
        let _desk = desks.acquire().await.map_err(Trouble::broken)?;
        drop(waiting);
        let store = self.inner.store.clone();
        tokio::task::spawn_blocking(move || work(&store)).await.map_err(Trouble::broken)
    }

    /// The same where every error is a page of its own.
    pub(crate) async fn ask<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Store) -> Outcome<T> + Send + 'static,
    ) -> Result<T, Trouble> {
        Ok(self.with_store(work).await??)
    }
}

/// Counted while it waits, whether its turn comes or not.
struct Waiting<'g>(&'g Gauge);

impl Waiting<'_> {
    fn begin(gauge: &Gauge) -> Waiting<'_> {
        gauge.inc();
        Waiting(gauge)
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.dec();
    }
}
