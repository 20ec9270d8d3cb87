//! Which pairs are worth a comparison: those that share a key, of many kinds of keys.
//!
//! Every attribute gives keys: the whole value, and coarser ones (the skeleton of a name, a year, a district). Pairs
//! that share a key that few have are candidates. A key that many have is not expanded alone but joined with a second
//! key, and with a third where that is not enough; what is too common even then is left out, and the loss shows in the
//! recall that `link evaluate` prints. What is too many is decided by counts alone and never by who came first, so the
//! same records give the same candidates.

#![expect(clippy::indexing_slicing, reason = "records and keys are numbers that the table and this file gave out")]

use super::comparison::Kind;
use super::hash;
use super::parallel::parallel;
use super::table::{Column, Interner, Table};
use crate::normalize::text;

/// One kind of key.
#[derive(Debug)]
struct KeyKind {
    /// The columns it comes from, a bit each: two kinds of one column say nothing new together.
    columns: u32,
    /// Keys a record has at most.
    width: usize,
    /// By record and place: the number of the key, 0 for none.
    keys: Vec<u32>,
    /// By key: too common to be expanded alone.
    is_common: Vec<bool>,
}

/// How many pairs may come of it, by the number of records.
#[derive(Debug, Clone, Copy)]
struct Budget {
    /// The most records in a block that is expanded: for one key, for two and for three together.
    block: [usize; 3],
    /// The most pairs of one rule.
    rule: [u64; 3],
}

impl Budget {
    fn of(records: usize) -> Self {
        let spread = (250_000.0 / records.max(1) as f64).clamp(0.1, 10.0);
        let pairs = |each: f64| (records as f64 * each * spread) as u64;
        Self { block: [60, 60, 60], rule: [pairs(8.0), pairs(2.0), pairs(0.5)] }
    }
}

/// The candidates of a table: `a << 32 | b` with a < b, sorted, each once.
pub fn candidates(table: &Table) -> Vec<u64> {
    let budget = Budget::of(table.len());
    let mut kinds = key_kinds(table);
    let mut found = Found::default();
    for kind in &mut kinds {
        single(table, kind, budget, &mut found);
    }
    let rules: Vec<(usize, usize)> = (0..kinds.len())
        .flat_map(|a| (a..kinds.len()).map(move |b| (a, b)))
        .filter(|(a, b)| if a == b { kinds[*a].width > 1 } else { kinds[*a].columns & kinds[*b].columns == 0 })
        .collect();
    let mut common: Vec<Vec<bool>> = Vec::with_capacity(rules.len());
    for wave in rules.chunks(8) {
        let expanded = parallel(wave.len(), &|rule| {
            let (a, b) = wave[rule];
            double(table, &kinds, (a, b), budget)
        });
        for (pairs, too_common) in expanded {
            found.add(pairs);
            common.push(too_common);
        }
    }
    let triples = triples(&rules, &common, &kinds);
    for wave in triples.chunks(8) {
        let expanded = parallel(wave.len(), &|rule| triple(table, &kinds, &common, &wave[rule], budget));
        expanded.into_iter().for_each(|pairs| found.add(pairs));
    }
    found.finish()
}

/// Pairs found so far; now and then sorted, so that one that many rules find does not take the room of many.
#[derive(Debug, Default)]
struct Found {
    pairs: Vec<u64>,
    distinct: usize,
}

impl Found {
    fn add(&mut self, mut pairs: Vec<u64>) {
        self.pairs.append(&mut pairs);
        if self.pairs.len() > self.distinct * 3 / 2 + 8_000_000 {
            self.tidy();
        }
    }

    fn tidy(&mut self) {
        self.pairs.sort_unstable();
        self.pairs.dedup();
        self.distinct = self.pairs.len();
    }

    fn finish(mut self) -> Vec<u64> {
        self.tidy();
        self.pairs.shrink_to_fit();
        self.pairs
    }
}

/// All pairs of a block, whose records are sorted.
fn expand(table: &Table, block: impl Iterator<Item = u32> + Clone, pairs: &mut Vec<u64>) {
    let mut rest = block;
    while let Some(a) = rest.next() {
        pairs.extend(rest.clone().filter(|b| table.is_pair(a, *b)).map(|b| u64::from(a) << 32 | u64::from(b)));
    }
}

/// How many pairs a block of this size makes at most.
const fn pairs_of(size: usize) -> u64 {
    (size as u64) * (size as u64).saturating_sub(1) / 2
}

/// The largest size of a block, so that all blocks up to it stay within the budget. `sizes`: by size, how many blocks.
fn largest(sizes: &[u64], budget: u64) -> usize {
    let mut pairs = 0;
    for (size, blocks) in sizes.iter().enumerate() {
        pairs += blocks * pairs_of(size);
        if pairs > budget {
            return size.saturating_sub(1).max(2);
        }
    }
    sizes.len()
}

fn sizes_of(counts: impl Iterator<Item = usize>, most: usize) -> Vec<u64> {
    let mut sizes = vec![0; most + 1];
    for count in counts {
        if let Some(blocks) = sizes.get_mut(count) {
            *blocks += 1;
        }
    }
    sizes
}

/// Expands the blocks of one kind of key that are small enough, and marks the keys of the others.
fn single(table: &Table, kind: &mut KeyKind, budget: Budget, found: &mut Found) {
    let keys = kind.keys.iter().copied().max().unwrap_or(0) as usize + 1;
    let mut starts = vec![0_usize; keys + 1];
    kind.keys.iter().for_each(|key| starts[*key as usize + 1] += 1);
    let sizes = sizes_of(starts.iter().skip(2).copied(), budget.block[0]);
    let most = largest(&sizes, budget.rule[0]).min(budget.block[0]);
    kind.is_common = starts.iter().skip(1).map(|count| *count > most).collect();
    kind.is_common[0] = false;
    for key in 0..keys {
        starts[key + 1] += starts[key];
    }
    let mut next = starts.clone();
    let mut records = vec![0_u32; kind.keys.len()];
    for (at, key) in kind.keys.iter().enumerate() {
        records[next[*key as usize]] = (at / kind.width) as u32;
        next[*key as usize] += 1;
    }
    let mut pairs = Vec::new();
    for key in (1..keys).filter(|key| !kind.is_common[*key]) {
        expand(table, records[starts[key]..starts[key + 1]].iter().copied(), &mut pairs);
    }
    found.add(pairs);
}

/// Blocks of keys joined: pairs of those small enough, and the records of the others.
fn joined(table: &Table, mut entries: Vec<(u64, u32)>, most: usize, budget: u64) -> (Vec<u64>, Vec<u32>) {
    entries.sort_unstable();
    entries.dedup();
    let blocks = || entries.chunk_by(|a, b| a.0 == b.0);
    let sizes = sizes_of(blocks().map(<[_]>::len), most);
    let most = largest(&sizes, budget).min(most);
    let (mut pairs, mut too_common) = (Vec::new(), Vec::new());
    for block in blocks().filter(|block| block.len() > 1) {
        let records = block.iter().map(|(_, record)| *record);
        if block.len() <= most {
            expand(table, records, &mut pairs);
        } else {
            too_common.extend(records);
        }
    }
    (pairs, too_common)
}

impl KeyKind {
    /// The keys of a record that are too common alone.
    fn common(&self, record: usize) -> impl Iterator<Item = u32> + '_ {
        let keys = &self.keys[record * self.width..(record + 1) * self.width];
        keys.iter().copied().filter(|key| self.is_common[*key as usize])
    }
}

/// Two kinds of keys together, for keys that are too common alone.
fn double(table: &Table, kinds: &[KeyKind], rule: (usize, usize), budget: Budget) -> (Vec<u64>, Vec<bool>) {
    let (a, b) = (&kinds[rule.0], &kinds[rule.1]);
    let mut entries = Vec::new();
    for record in 0..table.len() {
        for one in a.common(record) {
            for other in b.common(record).filter(|other| rule.0 != rule.1 || *other > one) {
                entries.push((hash::join(u64::from(one), u64::from(other)), record as u32));
            }
        }
    }
    let (pairs, too_common) = joined(table, entries, budget.block[1], budget.rule[1]);
    let mut is_common = vec![false; if too_common.is_empty() { 0 } else { table.len() }];
    too_common.iter().for_each(|record| is_common[*record as usize] = true);
    (pairs, is_common)
}

/// Three kinds of keys, and the rules of two of them in `common`.
struct Triple {
    kinds: [usize; 3],
    rules: [usize; 3],
}

fn triples(rules: &[(usize, usize)], common: &[Vec<bool>], kinds: &[KeyKind]) -> Vec<Triple> {
    let rule = |a: usize, b: usize| {
        let at = rules.iter().position(|rule| *rule == (a, b))?;
        (!common[at].is_empty()).then_some(at)
    };
    let mut triples = Vec::new();
    for a in 0..kinds.len() {
        for b in a..kinds.len() {
            let Some(first) = rule(a, b) else { continue };
            for c in (b + 1)..kinds.len() {
                if let Some((second, third)) = rule(a, c).zip(rule(b, c)) {
                    triples.push(Triple { kinds: [a, b, c], rules: [first, second, third] });
                }
            }
        }
    }
    triples
}

fn triple(table: &Table, kinds: &[KeyKind], common: &[Vec<bool>], triple: &Triple, budget: Budget) -> Vec<u64> {
    let [a, b, c] = triple.kinds.map(|kind| &kinds[kind]);
    let is_twice = triple.kinds[0] == triple.kinds[1];
    let mut entries = Vec::new();
    for record in (0..table.len()).filter(|record| triple.rules.iter().all(|rule| common[*rule][*record])) {
        for one in a.common(record) {
            for two in b.common(record).filter(|two| !is_twice || *two > one) {
                let both = hash::join(u64::from(one), u64::from(two));
                entries.extend(c.common(record).map(|three| (hash::join(both, u64::from(three)), record as u32)));
            }
        }
    }
    joined(table, entries, budget.block[2], budget.rule[2]).0
}

/// All kinds of keys that the columns of a table give.
fn key_kinds(table: &Table) -> Vec<KeyKind> {
    let mut kinds = Vec::new();
    let names = |column: &Column| matches!(column.kind, Kind::Given | Kind::Family | Kind::Middle);
    let named: Vec<usize> = (0..table.columns.len()).filter(|index| names(&table.columns[*index])).collect();
    if !named.is_empty() {
        kinds.push(words(table, &named));
    }
    if named.len() > 1 {
        kinds.push(whole_name(table, &named));
    }
    let rules = (0..table.columns.len())
        .flat_map(|index| key_rules(table.columns[index].kind).iter().map(move |rule| (index, *rule)));
    let rules: Vec<_> = rules.collect();
    kinds.extend(parallel(rules.len(), &|rule| derived(table, rules[rule].0, rules[rule].1)));
    kinds
}

type KeyRule = fn(&str) -> String;

/// What keys a value gives.
fn key_rules(kind: Kind) -> &'static [KeyRule] {
    match kind {
        Kind::Given => &[|value| first(&text::flat_key(value), 3)],
        Kind::Family => &[skeleton, |value| first(&text::flat_key(value), 4)],
        Kind::Date => &[str::to_owned, |value| first(value, 4), |value| value.get(4..).unwrap_or("").to_owned()],
        Kind::Identifier => {
            &[str::to_owned, |value| first(value, value.len() / 2), |value| last(value, value.len() / 2)]
        }
        Kind::Phone => &[str::to_owned, |value| last(value, 6), |value| first(value, value.len() / 2)],
        Kind::Email => &[str::to_owned, |value| value.split('@').next().unwrap_or("").to_owned()],
        Kind::Street | Kind::Town => &[text::flat_words, |value| longest_word(&text::flat_words(value))],
        Kind::Postcode => &[str::to_owned, |value| super::comparison::area(value).to_owned()],
        Kind::House | Kind::Word | Kind::Commune => &[str::to_owned],
        Kind::Sex | Kind::Region | Kind::Middle | Kind::Company => &[],
    }
}

fn first(value: &str, length: usize) -> String {
    value.chars().take(length).collect()
}

fn last(value: &str, length: usize) -> String {
    value.chars().skip(value.chars().count().saturating_sub(length)).collect()
}

fn longest_word(words: &str) -> String {
    words.split(' ').max_by_key(|word| word.len()).unwrap_or("").to_owned()
}

/// A word by its first letter and its consonants, each once in a row: slips of the pen in vowels do not change it.
fn skeleton(value: &str) -> String {
    let mut bones = String::new();
    for letter in text::flat_key(value).chars() {
        let letter = match letter {
            'k' | 'q' => 'c',
            'z' => 's',
            'v' => 'f',
            other => other,
        };
        let is_vowel = matches!(letter, 'a' | 'e' | 'i' | 'o' | 'u' | 'y' | 'h' | 'w');
        if bones.is_empty() || (!is_vowel && !bones.ends_with(letter)) {
            bones.push(letter);
        }
    }
    bones
}

/// A key for each value of one column.
fn derived(table: &Table, index: usize, rule: KeyRule) -> KeyKind {
    let column = &table.columns[index];
    let mut interner = Interner::default();
    let numbers: Vec<u32> = column.texts.iter().map(|value| interner.number(&rule(value))).collect();
    let keys = column.values.iter().map(|value| numbers[*value as usize]).collect();
    KeyKind { columns: 1 << index, width: 1, keys, is_common: Vec::new() }
}

/// Words of a name that are keys.
const WORDS: usize = 4;

/// Each word of a name, wherever in it it stands.
fn words(table: &Table, named: &[usize]) -> KeyKind {
    let mut interner = Interner::default();
    let mut keys = vec![0; table.len() * WORDS];
    let mut columns = 0;
    for index in named {
        let column = &table.columns[*index];
        columns |= 1 << *index;
        let numbers: Vec<Vec<u32>> = column
            .texts
            .iter()
            .map(|value| {
                let words = text::flat_words(value);
                words.split(' ').filter(|word| word.len() > 1).map(|word| interner.number(word)).collect()
            })
            .collect();
        for (value, keys) in column.values.iter().zip(keys.chunks_mut(WORDS)) {
            for number in &numbers[*value as usize] {
                if !keys.contains(number)
                    && let Some(free) = keys.iter_mut().find(|key| **key == 0)
                {
                    *free = *number;
                }
            }
        }
    }
    KeyKind { columns, width: WORDS, keys, is_common: Vec::new() }
}

/// First and last word of a name, in whatever order.
fn whole_name(table: &Table, named: &[usize]) -> KeyKind {
    let mut interner = Interner::default();
    let mut columns = 0;
    named.iter().for_each(|index| columns |= 1 << *index);
    let parts: Vec<&Column> =
        named.iter().map(|index| &table.columns[*index]).filter(|column| column.kind != Kind::Middle).collect();
    let mut name: Vec<&str> = Vec::new();
    let key = |record: u32| {
        name.clear();
        name.extend(parts.iter().map(|column| column.text(record)).filter(|part| !part.is_empty()));
        name.sort_unstable();
        if name.len() < 2 { 0 } else { interner.number(&name.join(" ")) }
    };
    let keys = (0..table.len() as u32).map(key).collect();
    KeyKind { columns, width: 1, keys, is_common: Vec::new() }
}
