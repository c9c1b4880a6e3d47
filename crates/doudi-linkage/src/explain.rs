//! Why a row is or is not somebody: the same numbers that decide, laid out for whoever has to judge. How that is shown is
//! for others: the command line and the pages show one and the same explanation.

use crate::differences::{Mark, differences};
use crate::evidence::{Evidence, Link, LinkClass, WhyNot};
use crate::index::Index;
use crate::row::RosterRow;
use crate::weigh::{Context, Weighing};
use crate::weights::Weights;

/// So many others are named beside the one who is explained.
const MOST_OTHERS: usize = 3;

/// Somebody else whom the row could speak of.
#[derive(Clone, Debug, PartialEq)]
pub struct Other {
    pub person: u32,
    /// Sum of the evidence, in bits.
    pub total: f64,
    /// Share of all odds, before calibration.
    pub share: f64,
    pub evidence: Vec<Evidence>,
}

/// Why nobody would take the link without looking.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum WhyNotAuto {
    /// Another person fits better.
    AnotherFitsBetter,
    /// The probability is under this.
    TooImprobable(f64),
    Doubt(WhyNot),
    /// Everything that speaks for this person speaks for the others of the household too.
    NothingOfOnesOwn,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Explanation {
    /// What linking answers for the row.
    pub link: Link,
    /// Who is explained: the one asked for, else the likeliest; `None` where nobody shares anything with the row.
    pub person: Option<u32>,
    pub evidence: Vec<Evidence>,
    /// What must be outweighed before anybody is taken, in bits.
    pub nobody: f64,
    /// Sum of the evidence.
    pub total: f64,
    /// What speaks for all others and for nobody, in bits.
    pub against: f64,
    /// Of the person explained.
    pub probability: f64,
    pub why_not_auto: Vec<WhyNotAuto>,
    /// The likeliest first.
    pub others: Vec<Other>,
}

impl WhyNotAuto {
    pub fn describe(&self) -> String {
        match self {
            WhyNotAuto::AnotherFitsBetter => "另有一个人更相符".to_owned(),
            WhyNotAuto::TooImprobable(least) => format!("把握不到 {:.0}%", least * 100.0),
            WhyNotAuto::Doubt(why) => why.describe().to_owned(),
            WhyNotAuto::NothingOfOnesOwn => {
                "相符的几项同户的人也相符，号码、出生日期、本人的电话账号没有一项说明就是他本人".to_owned()
            }
        }
    }
}

impl Index {
    /// Lays out what speaks for and against a person (or the likeliest one) being the row's.
    pub fn explain(&self, row: &RosterRow<'_>, person: Option<u32>, weights: &Weights) -> Explanation {
        let link = self.link(row, weights);
        let nobody = self.nobody(weights);
        let mut explanation = Explanation {
            link,
            person,
            evidence: Vec::new(),
            nobody,
            total: 0.0,
            against: nobody,
            probability: 0.0,
            why_not_auto: Vec::new(),
            others: Vec::new(),
        };
        let Some((reading, owners, mut candidates)) = self.reading_and_candidates(row, weights) else {
            explanation.why_not_auto = vec![WhyNotAuto::Doubt(WhyNot::NoUsableIdentity)];
            return explanation;
        };
        // Somebody who shares nothing with the row may be asked about all the same.
        if let Some(person) = person.filter(|person| (*person as usize) < self.len()) {
            candidates.push(person);
            candidates.sort_unstable();
            candidates.dedup();
        }
        let context = Context::with_households(self, &reading, &owners, crate::link::MOST_PER_KEY);
        let weighing = Weighing::new(self, &reading, weights, &context);
        let mut weighed: Vec<Other> = (candidates.iter())
            .map(|&person| {
                let evidence = weighing.evidence(person).to_vec();
                let total = evidence.iter().map(|evidence| evidence.weight).sum();
                Other { person, total, share: 0.0, evidence }
            })
            .collect();
        weighed.sort_by(|a, b| b.total.total_cmp(&a.total));
        let all: f64 = weighed.iter().map(|other| other.total.exp2()).sum::<f64>() + nobody.exp2();
        weighed.iter_mut().for_each(|other| other.share = other.total.exp2() / all);
        let chosen = person.or(explanation.link.person);
        let at = chosen.and_then(|person| weighed.iter().position(|other| other.person == person));
        if weighed.is_empty() {
            return explanation;
        }
        let own = weighed.remove(at.unwrap_or(0));
        weighed.truncate(MOST_OTHERS);
        let is_linked = explanation.link.person == Some(own.person);
        explanation.against = (all - own.total.exp2()).max(nobody.exp2()).log2();
        explanation.probability = if is_linked { explanation.link.probability } else { own.share };
        explanation.why_not_auto = why_not_auto(&explanation.link, is_linked, weights);
        explanation.others = weighed;
        Explanation { person: Some(own.person), evidence: own.evidence, total: own.total, ..explanation }
    }

    /// Two writings side by side, place by place.
    pub fn differences(&self, ours: &str, theirs: &str) -> Vec<Mark> {
        differences(ours, theirs, &self.characters)
    }
}

fn why_not_auto(link: &Link, is_linked: bool, weights: &Weights) -> Vec<WhyNotAuto> {
    if !is_linked && link.person.is_some() {
        return vec![WhyNotAuto::AnotherFitsBetter];
    }
    if link.class == LinkClass::Auto {
        return Vec::new();
    }
    let improbable = link.probability < weights.settings.auto;
    let mut why = Vec::new();
    why.extend(link.unlinked.map(WhyNotAuto::Doubt));
    why.extend(improbable.then_some(WhyNotAuto::TooImprobable(weights.settings.auto)));
    if why.is_empty() {
        why.push(WhyNotAuto::NothingOfOnesOwn);
    }
    why
}
