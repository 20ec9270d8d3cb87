//! "No error, but no data either": each source's usual silence is learned from the hours in which it brought something.

use serde_json::{Value, json};

use super::{House, Sent};

/// As if the source had brought something at these hours before now.
async fn history(house: &House, hours_ago: impl Iterator<Item = u32>) {
    let hours: Vec<String> = hours_ago.map(|ago| format!("({ago})")).collect();
    let sql = format!(
        "DELETE FROM petitiond.source_hour;
         INSERT INTO petitiond.source_hour SELECT 'hanoi', date_trunc('hour', now()) - make_interval(hours => ago), 7
         FROM (VALUES {}) AS v (ago)",
        hours.join(", ")
    );
    house.execute(&sql).await;
}

async fn silent(house: &House) -> Value {
    let query = "SELECT silent, extract(epoch FROM usual_silence) / 3600 AS usual FROM national_v1.source_status WHERE source_id = 'hanoi'";
    let row = house.row(query).await;
    json!([row["silent"], row["usual"].as_f64()])
}

#[tokio::test(flavor = "multi_thread")]
async fn a_source_is_silent_when_it_is_so_for_far_longer_than_ever() {
    let house = House::open().await;
    // twice a day for three weeks
    let until = |last: u32| (0..42).map(move |turn| last + turn * 12);
    for (last, wanted) in [(2, false), (18, false), (20, true), (200, true)] {
        history(&house, until(last)).await;
        assert_eq!(silent(&house).await, json!([wanted, 12.0]), "{last} hours ago");
    }
    // with one long weekend in it
    let weekend = |last: u32| until(last).filter(move |ago| !(last + 100..last + 160).contains(ago));
    for (last, wanted) in [(20, false), (80, false), (120, true)] {
        history(&house, weekend(last)).await;
        assert_eq!(silent(&house).await, json!([wanted, 72.0]), "{last} hours ago");
    }
    // of a week, or of few hours, nobody can say what is usual
    for few in [(0..14).map(|turn| 60 + turn * 12).collect::<Vec<u32>>(), vec![300, 500, 700, 900]] {
        history(&house, few.into_iter()).await;
        assert_eq!(silent(&house).await, json!([false, null]));
    }
    // what fails or is paused is not called silent
    history(&house, until(200)).await;
    for state in
        ["consecutive_failures = 1", "consecutive_failures = 0, paused = true", "paused = false, enabled = false"]
    {
        house.execute(&format!("UPDATE petitiond.source SET {state} WHERE source_id = 'hanoi'")).await;
        assert_eq!(silent(&house).await, json!([false, 12.0]), "{state}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_new_counts_by_the_hour_and_repeats_do_not() {
    let house = House::open().await;
    house.store(&[Sent::petition("hanoi", "1"), Sent::petition("hanoi", "2")]).await;
    house.store(&[Sent::petition("hanoi", "3"), Sent::petition("hanoi", "1")]).await;
    house.store(&[Sent::petition("hanoi", "1")]).await;
    // perhaps over the turn of an hour
    let counted = "SELECT sum(stored)::bigint FROM petitiond.source_hour WHERE source_id = 'hanoi'";
    assert_eq!(house.count(counted).await, 3);
    let hours = "SELECT count(*) FROM petitiond.source_hour WHERE hour NOT IN (date_trunc('hour', now()), date_trunc('hour', now()) - interval '1 hour')";
    assert_eq!(house.count(hours).await, 0);
}
