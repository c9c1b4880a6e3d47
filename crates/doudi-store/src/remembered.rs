//! Sums that many people ask for and that take a walk over every lead: counted once and told to all who ask in the same
//! moments. Whatever is changed here makes them be counted again; what another program changes (an import) is seen some
//! seconds later.

use crate::error::Outcome;
use crate::store::{Store, lock};
use doudi_casework::Moment;
use std::any::Any;
use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

/// So old may be what another program has changed meanwhile.
const SECONDS: i64 = 5;
/// More different questions than this are forgotten together.
const MOST: usize = 256;

type Slot = Arc<Mutex<Option<Sum>>>;

#[derive(Default)]
pub(crate) struct Remembered {
    generation: AtomicU64,
    sums: Mutex<HashMap<String, Slot>>,
}

struct Sum {
    generation: u64,
    at: Moment,
    value: Box<dyn Any + Send>,
}

impl Remembered {
    /// Something was changed: what was counted before does not hold any more.
    pub fn forget(&self) {
        self.generation.fetch_add(1, Ordering::AcqRel);
    }

    fn slot(&self, question: String) -> Slot {
        let mut sums = lock(&self.sums);
        if sums.len() >= MOST && !sums.contains_key(&question) {
            sums.clear();
        }
        sums.entry(question).or_default().clone()
    }
}

impl Store {
    /// Counts, unless the same was counted a moment ago. Those who ask for the same at once wait for one count.
    /// `question` says everything that the answer depends on; with nobody's name in it, as it is kept.
    pub(crate) fn remembered<T: Clone + Send + 'static>(
        &self,
        question: String,
        at: Moment,
        count: impl FnOnce() -> Outcome<T>,
    ) -> Outcome<T> {
        let slot = self.sums.slot(question);
        let mut kept = lock(&slot);
        let generation = self.sums.generation.load(Ordering::Acquire);
        if let Some(sum) = kept.as_ref()
            && sum.generation == generation
            && (0..SECONDS).contains(&at.seconds_since(sum.at))
            && let Some(value) = sum.value.downcast_ref::<T>()
        {
            return Ok(value.clone());
        }
        let value = count()?;
        *kept = Some(Sum { generation, at, value: Box::new(value.clone()) });
        Ok(value)
    }
}
