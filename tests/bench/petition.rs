//! How right filings are put together where no agency refers to another's record, and what it costs.
//!
//! ```text
//! cargo bench --bench petition                            evaluate, then speed
//! cargo bench --bench petition -- train [RECORDS]         writes config/linkage/petition.toml and -phrases.txt
//! cargo bench --bench petition -- evaluate [RECORDS]      blocking, pairs and groups of a corpus of another seed
//! cargo bench --bench petition -- errors [RECORDS]        the levels of the worst errors of each kind
//! cargo bench --bench petition -- speed                   microseconds a record and a pair
//! ```

#![expect(clippy::indexing_slicing, clippy::expect_used, reason = "a bench that goes wrong may stop where it stands")]

use std::collections::{BTreeMap, HashSet};
use std::sync::LazyLock;
use std::time::Instant;

use petitiond::demo::filings::{
    Blocked, Filing, Score, block, case_of, filings, grouped, pair, petition_of, petitions, score, together,
};
use petitiond::demo::generate::corpus::{Following, Relation, Truth};
use petitiond::linkage::person::Matcher;
use petitiond::linkage::petition::{
    COMPARISONS, Features, Judge, Judgement, Model, Pair, PhraseTrainer, Phrases, Relation as Told,
};

/// As in the program.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Seeds of the corpora: what the model learns from, what its thresholds are set by, what it is judged by.
const TRAINING: u64 = 11;
const VALIDATION: u64 = 22;
const TEST: u64 = 33;

static MATCHER: LazyLock<Matcher> = LazyLock::new(Matcher::embedded);

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    let records = |default: usize| arguments.get(1).and_then(|count| count.parse().ok()).unwrap_or(default);
    match arguments.first().map(String::as_str) {
        Some("train") => train(records(60_000)),
        Some("evaluate") => evaluate(records(20_000)),
        Some("errors") => errors(records(20_000)),
        Some("speed") => speed(),
        _ => {
            evaluate(20_000);
            speed();
        }
    }
}

fn train(records: usize) {
    let mut trainer = PhraseTrainer::default();
    for (record, _) in petitions(TRAINING, records) {
        let place = record.petitioners.first().and_then(|one| one.place.commune_code.clone()).unwrap_or_default();
        trainer.add(record.summary.as_deref().unwrap_or(""), &place);
    }
    let lines = format!("# Phrases that petitions have in common, flat. Written by training.\n{}", trainer.lines());
    let phrases = Phrases::parse(&lines);
    let (training, validation) = (filings(TRAINING, records, &phrases), filings(VALIDATION, records / 2, &phrases));
    let model =
        petitiond::demo::filings::train(&training, &validation, &phrases, &MATCHER, |tried, petitions, cases| {
            println!(
                "link {} cluster {}\n  petitions {petitions}\n  cases     {cases}",
                tried.petition, tried.petition_cluster
            );
        });
    println!("{:?}", model.thresholds);
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/config/linkage");
    std::fs::write(format!("{folder}/petition.toml"), model.to_toml()).expect("the model is written");
    std::fs::write(format!("{folder}/petition-phrases.txt"), lines).expect("the phrases are written");
}

/// What two filings are, in one word.
fn name(a: &Truth, b: &Truth) -> &'static str {
    match a.relation(b) {
        Some(Relation::Copy) => "copy, forwarded",
        Some(Relation::Repeat) => "repeat",
        Some(Relation::Case(Following::NextInstance)) => "next_instance",
        Some(Relation::Case(Following::Recast)) => "recast",
        Some(Relation::Case(Following::Recurrence)) => "recurrence",
        Some(Relation::Case(Following::Joint)) => "joint",
        Some(Relation::SameCase) => "same case",
        Some(Relation::Sibling) => "sibling",
        None => "none",
    }
}

/// By what pairs are: how many of them there are, and how many of those are told to be together.
fn told(
    filings: &[Filing],
    key: fn(&Truth) -> u32,
    is_told: impl Fn(usize, usize) -> bool,
) -> BTreeMap<&'static str, Score> {
    let mut told: BTreeMap<&str, Score> = BTreeMap::new();
    for group in together(filings, key) {
        for (place, one) in group.iter().enumerate() {
            for other in &group[place + 1..] {
                let name = name(&filings[*one].truth, &filings[*other].truth);
                told.entry(name).or_default().count(is_told(*one, *other), true);
            }
        }
    }
    told
}

fn evaluate(records: usize) {
    let model = Model::built_in();
    let filings = filings(TEST, records, &model.phrases);
    let Blocked { pairs, keys, skipped } = block(&filings, &MATCHER);
    let count = filings.len() as f64;
    println!(
        "{count} filings, {:.1} keys and {:.1} candidate pairs each",
        keys as f64 / count,
        pairs.len() as f64 / count
    );
    let mut rules: BTreeMap<String, u64> = BTreeMap::new();
    for key in filings.iter().flat_map(|filing| filing.features.keys(&MATCHER)) {
        *rules.entry(key.split(':').next().unwrap_or("").to_owned()).or_default() += 1;
    }
    rules.iter().for_each(|(rule, keys)| println!("{rule:>22} {:.2} keys each", *keys as f64 / count));
    println!("skipped keys {skipped:?}");
    let found: HashSet<(usize, usize)> = pairs.iter().copied().collect();
    for (name, met) in told(&filings, case_of, |one, other| found.contains(&(one, other))) {
        println!("blocking: {name:>16} {:.4} of {}", met.recall(), met.right + met.missed);
    }
    let judge = Judge::new(model, &MATCHER);
    let (mut petition, mut case) = (Score::default(), Score::default());
    let mut relations: BTreeMap<(&str, &str), u64> = BTreeMap::new();
    for (a, b) in &pairs {
        let (a, b) = (&filings[*a], &filings[*b]);
        let relation = judge.judge(&a.features, &b.features).relation;
        let is = pair(&a.truth, &b.truth);
        petition.count(relation.is_some_and(Told::is_petition), is == Pair::Same);
        case.count(relation.is_some_and(Told::is_case), is.is_case());
        let told = relation.map_or("-", Told::as_str);
        *relations.entry((name(&a.truth, &b.truth), told)).or_default() += 1;
    }
    println!("candidate pairs: petitions {petition}\ncandidate pairs: cases     {case}");
    let started = Instant::now();
    let groups = grouped(&filings, &pairs, &judge);
    println!("grouped in {:?}", started.elapsed());
    println!("groups: petitions {}", score(&filings, &groups.petitions, petition_of));
    println!("groups: cases     {}", score(&filings, &groups.cases, case_of));
    let mut group_of = vec![0; filings.len()];
    groups.cases.iter().enumerate().for_each(|(group, list)| list.iter().for_each(|at| group_of[*at] = group));
    for (name, met) in told(&filings, case_of, |one, other| group_of[one] == group_of[other]) {
        println!("in one case: {name:>16} {:.4} of {}", met.recall(), met.right + met.missed);
    }
    println!("{:>16} {:>16} pairs", "is", "told");
    relations.iter().for_each(|((is, told), count)| println!("{is:>16} {told:>16} {count}"));
}

/// A judgement that is wrong, and of which filings.
type Wrong = (Judgement, usize, usize);

/// The levels and texts of some errors of each kind; the corpus names nobody.
fn errors(records: usize) {
    let model = Model::built_in();
    let filings = filings(VALIDATION, records, &model.phrases);
    let judge = Judge::new(model, &MATCHER);
    let Blocked { pairs, .. } = block(&filings, &MATCHER);
    let mut kinds: BTreeMap<(&str, &str), Vec<Wrong>> = BTreeMap::new();
    for (a, b) in &pairs {
        let judgement = judge.judge(&filings[*a].features, &filings[*b].features);
        let (relation, is) = (judgement.relation, pair(&filings[*a].truth, &filings[*b].truth));
        let is_petition = relation.is_some_and(Told::is_petition);
        let is_case = relation.is_some_and(Told::is_case);
        if is_petition != (is == Pair::Same) || is_case != is.is_case() {
            let told = relation.map_or("-", Told::as_str);
            let kind = (name(&filings[*a].truth, &filings[*b].truth), told);
            kinds.entry(kind).or_default().push((judgement, *a, *b));
        }
    }
    for ((is, told), mut list) in kinds {
        list.sort_by(|one, other| other.0.bits.total_cmp(&one.0.bits));
        println!("\n=== {is} told {told}: {}", list.len());
        for (judgement, a, b) in list.iter().step_by((list.len() / 6).max(1)) {
            let Judgement { bits, is_never, case_bits, is_never_case, .. } = judgement;
            let parts = COMPARISONS.iter().zip(judgement.parts);
            let parts =
                parts.map(|(comparison, level)| format!("{}: {}", comparison.name, comparison.levels[level as usize]));
            println!(
                "petition {bits:.1} {is_never} case {case_bits:.1} {is_never_case} | {}",
                parts.collect::<Vec<_>>().join(" | ")
            );
            println!("   {}\n   {}", filings[*a].summary, filings[*b].summary);
        }
    }
    let found: HashSet<(usize, usize)> = pairs.into_iter().collect();
    let mut unmet = Vec::new();
    for group in together(&filings, petition_of) {
        for (place, one) in group.iter().enumerate() {
            unmet.extend(group[place + 1..].iter().map(|other| (*one, *other)).filter(|pair| !found.contains(pair)));
        }
    }
    println!("\n=== petitions that share no key: {}", unmet.len());
    for (a, b) in unmet.iter().step_by((unmet.len() / 12).max(1)) {
        let (a, b) = (&filings[*a], &filings[*b]);
        println!(
            "{}\n   {:?}\n{}\n   {:?}",
            a.summary,
            a.features.keys(&MATCHER),
            b.summary,
            b.features.keys(&MATCHER)
        );
    }
}

fn speed() {
    let model = Model::built_in();
    let records: Vec<_> = petitions(TEST, 6_000).map(|(record, _)| record).collect();
    let started = Instant::now();
    let features: Vec<Features> = records.iter().filter_map(|record| Features::of(record, &model.phrases)).collect();
    let of_features = started.elapsed();
    let started = Instant::now();
    let keys: usize = features.iter().map(|features| features.keys(&MATCHER).len()).sum();
    let of_keys = started.elapsed();
    let judge = Judge::new(model, &MATCHER);
    let (mut pairs, mut linked) = (0_u32, 0_u32);
    let started = Instant::now();
    for two in features.windows(60) {
        for other in &two[1..] {
            pairs += 1;
            linked += u32::from(judge.judge(&two[0], other).relation.is_some());
        }
    }
    let of_pairs = started.elapsed();
    let bytes: usize = features.iter().map(|features| serde_json::to_vec(features).expect("JSON").len()).sum();
    let count = records.len() as f64;
    let letters: usize = records.iter().map(|record| record.summary.as_deref().unwrap_or("").len()).sum();
    println!(
        "a record: {:.1} us for features, {:.1} us for {:.1} keys, {:.0} bytes of text, {:.0} bytes of features",
        of_features.as_secs_f64() * 1e6 / count,
        of_keys.as_secs_f64() * 1e6 / count,
        keys as f64 / count,
        letters as f64 / count,
        bytes as f64 / count
    );
    println!("a pair: {:.2} us ({pairs} pairs, {linked} related)", of_pairs.as_secs_f64() * 1e6 / f64::from(pairs));
}
