//! Searching: who fits all words, the best first.
//!
//! Whoever is found follows from the query and the visible people alone. Which word people are enumerated by is a matter
//! of speed: all words are asked of everybody who comes up, so every way gives the same people.

use super::directory::{Directory, Scope};
use super::hit::{Found, Hit, Reason};
use super::name_pattern::Grade;
use super::query::Query;
use super::reading::{Reading, readings};

/// A word with everything it may mean.
struct Word<'q> {
    text: &'q str,
    readings: Vec<Reading>,
}

impl Word<'_> {
    fn grade(&self, directory: &Directory, person: u32) -> Option<Grade> {
        self.readings
            .iter()
            .filter_map(|reading| reading.grade(directory, person))
            .max_by_key(|&(worth, _)| worth)
    }

    fn cost(&self, directory: &Directory) -> usize {
        self.readings.iter().map(|reading| reading.cost(directory)).sum()
    }
}

/// The best of those who come up, and how many they are.
struct Best {
    limit: usize,
    /// Strength and person; not in order.
    kept: Vec<(u32, u32)>,
    total: usize,
    /// Nobody weaker will be among the best.
    least: u32,
}

impl Best {
    fn add(&mut self, strength: u32, person: u32) {
        self.total += 1;
        if strength < self.least {
            return;
        }
        self.kept.push((strength, person));
        if self.kept.len() >= 4 * self.limit + 256 {
            self.cut();
            self.least = self.kept.last().map_or(0, |&(strength, _)| strength);
        }
    }

    /// Of equals the first of the directory stay.
    fn cut(&mut self) {
        self.kept.sort_unstable_by_key(|&(strength, person)| (std::cmp::Reverse(strength), person));
        self.kept.truncate(self.limit);
    }
}

impl Directory {
    /// Who is meant, the best first, at most `limit` of those whom the scope lets see.
    ///
    /// What was typed is taken as it is first; if fewer than `limit` fit so, also with one slip. If nobody fits all
    /// words, those who fit all but one.
    pub fn search(&self, query: &Query, scope: &Scope, limit: usize) -> Found {
        let mut found = Found::default();
        let visible = self.visible(scope);
        if query.is_empty() || limit == 0 {
            return found;
        }
        (found.hits, found.total) = self.search_all(query, &visible, limit);
        if found.total > 0 {
            return found;
        }
        found.tried = tried(self, query);
        let words = if query.words().count() > 1 { query.words().count() } else { 0 };
        let mut best: Option<(u32, usize, Vec<Hit>, usize)> = None;
        for at in 0..words {
            let (hits, total) = self.search_all(&query.without(at), &visible, limit);
            let strength = hits.first().map_or(0, |hit| hit.strength);
            if strength > best.as_ref().map_or(0, |(strength, ..)| *strength) {
                best = Some((strength, at, hits, total));
            }
        }
        if let Some((_, at, hits, total)) = best {
            found.without = query.words().nth(at).map(Box::from);
            (found.hits, found.total) = (hits, total);
        }
        found
    }

    fn search_all(&self, query: &Query, visible: &[bool], limit: usize) -> (Vec<Hit>, usize) {
        let alone = query.words().count() == 1;
        let words = |loosely| -> Vec<Word<'_>> {
            query.words().map(|text| Word { text, readings: readings(self, text, loosely, alone) }).collect()
        };
        let firm = words(false);
        let best = self.collect(&firm, visible, limit);
        if best.total >= limit {
            return self.hits(&firm, best);
        }
        let loose = words(true);
        let best = self.collect(&loose, visible, limit);
        self.hits(&loose, best)
    }

    /// Everybody visible who fits all words.
    fn collect(&self, words: &[Word<'_>], visible: &[bool], limit: usize) -> Best {
        let mut best = Best { limit, kept: Vec::new(), total: 0, least: 0 };
        let costs = words.iter().map(|word| word.cost(self));
        let Some((cheapest, cost)) = costs.enumerate().min_by_key(|&(_, cost)| cost) else { return best };
        if words.iter().any(|word| word.readings.is_empty()) {
            return best;
        }
        let (by, others) = (&words[cheapest], words.iter().enumerate().filter(|&(at, _)| at != cheapest));
        let others: Vec<&Word<'_>> = others.map(|(_, word)| word).collect();
        let rest =
            |person: u32| others.iter().try_fold(0, |sum, word| Some(sum + word.grade(self, person)?.0));
        let regions =
            || visible.iter().enumerate().filter(|&(_, &visible)| visible).map(|(region, _)| region);
        let seen = regions().map(|region| self.persons_of_region(region).len()).sum::<usize>();
        if seen <= cost {
            for &person in regions().flat_map(|region| self.persons_of_region(region)) {
                if let Some((worth, _)) = by.grade(self, person)
                    && let Some(more) = rest(person)
                {
                    best.add(worth + more, person);
                }
            }
            return best;
        }
        for (at, reading) in by.readings.iter().enumerate() {
            reading.persons(self, &mut |person, known| {
                if !self.lives_in(person, visible) {
                    return;
                }
                let Some((worth, _)) = known.or_else(|| reading.grade(self, person)) else { return };
                let earlier = by.readings[..at].iter().any(|earlier| earlier.grade(self, person).is_some());
                if earlier {
                    return;
                }
                let later = by.readings[at + 1..].iter().filter_map(|later| later.grade(self, person));
                let worth = later.map(|(worth, _)| worth).fold(worth, u32::max);
                if let Some(more) = rest(person) {
                    best.add(worth + more, person);
                }
            });
        }
        best
    }

    fn hits(&self, words: &[Word<'_>], mut best: Best) -> (Vec<Hit>, usize) {
        best.cut();
        let reason = |word: &Word<'_>, person| {
            let (_, kind) = word.grade(self, person)?;
            Some(Reason { word: word.text.into(), kind })
        };
        let hit = |&(strength, person): &(u32, u32)| Hit {
            person,
            strength,
            reasons: words.iter().filter_map(|word| reason(word, person)).collect(),
        };
        (best.kept.iter().map(hit).collect(), best.total)
    }
}

/// What each word was taken for.
fn tried(directory: &Directory, query: &Query) -> Vec<String> {
    let alone = query.words().count() == 1;
    let mut lines = Vec::new();
    for word in query.words() {
        let mut kinds: Vec<&str> =
            readings(directory, word, false, alone).iter().map(Reading::what).collect();
        if kinds.is_empty() && word.chars().any(char::is_alphabetic) {
            kinds.push("姓名（汉字、拼音、首字母、同音形近字）");
            kinds.push("住址");
        }
        kinds.dedup();
        lines.push(match kinds.is_empty() {
            true => format!("“{word}”：看不出是姓名、号码、日期还是住址"),
            false => format!("“{word}”：按{}找过", kinds.join("、")),
        });
    }
    lines
}
