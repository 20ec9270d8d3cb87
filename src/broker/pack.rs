//! Packing JSON records into message bodies of a good size.
//!
//! A message a record costs a round of the broker's log each; a message a page of 64 MiB does not fit at all, and
//! one record that kills its handler would take the page with it to the dead queue.

use super::Error;

/// Bytes that a body of several records aims at.
pub const BODY_BYTES: usize = 128 << 10;

/// Packs `records`, each one JSON value, into JSON arrays of at most `budget` bytes, in their order; a record that
/// is larger than that goes alone. No array is empty.
///
/// # Errors
/// [`Error::Rejected`] when one record, as an array, is larger than `limit` bytes.
pub fn pack<'a>(
    records: impl IntoIterator<Item = &'a str>,
    budget: usize,
    limit: usize,
) -> Result<Vec<Vec<u8>>, Error> {
    let mut bodies = Vec::new();
    let mut body: Vec<u8> = Vec::new();
    for (index, record) in records.into_iter().enumerate() {
        let alone = record.len() + 2;
        if alone > limit {
            return Err(Error::Rejected {
                what: format!("record {} of the page is {} bytes", index + 1, record.len()),
                advice: format!(
                    "a message may have {limit} bytes: raise broker.message_bytes and the broker's own max_message_size, or let the source leave attachments out"
                ),
            });
        }
        if !body.is_empty() && body.len() + alone > budget {
            body.push(b']');
            bodies.push(std::mem::take(&mut body));
        }
        body.push(if body.is_empty() { b'[' } else { b',' });
        body.extend_from_slice(record.as_bytes());
    }
    if !body.is_empty() {
        body.push(b']');
        bodies.push(body);
    }
    Ok(bodies)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn text(bodies: &[Vec<u8>]) -> Vec<&str> {
        bodies.iter().map(|body| std::str::from_utf8(body).unwrap()).collect()
    }

    #[test]
    fn a_table_of_budgets() {
        let records = ["1", "22", "333", "4444444444", "5"];
        let check = |budget: usize, expected: &[&str]| {
            assert_eq!(text(&pack(records, budget, 100).unwrap()), expected, "budget {budget}");
        };
        check(100, &["[1,22,333,4444444444,5]"]);
        check(8, &["[1,22]", "[333]", "[4444444444]", "[5]"]);
        check(10, &["[1,22,333]", "[4444444444]", "[5]"]);
        check(0, &["[1]", "[22]", "[333]", "[4444444444]", "[5]"]);
        assert_eq!(pack([], 100, 100).unwrap(), Vec::<Vec<u8>>::new());
    }

    #[test]
    fn a_record_beyond_the_limit_is_named_by_its_place_and_not_by_its_content() {
        let error = pack(["1", "\"Nguyễn Thị Hoa\""], 10, 12).unwrap_err().to_string();
        assert!(error.contains("record 2") && error.contains("12 bytes") && !error.contains("Hoa"), "{error}");
    }

    proptest! {
        #[test]
        fn every_record_comes_out_once_in_order_and_no_body_is_larger_than_it_must_be(
            numbers in prop::collection::vec(any::<u64>(), 0..200), budget in 0_usize..300,
        ) {
            let records: Vec<String> = numbers.iter().map(u64::to_string).collect();
            let bodies = pack(records.iter().map(String::as_str), budget, 1000).unwrap();
            let mut unpacked = Vec::new();
            for body in &bodies {
                let inside: Vec<u64> = serde_json::from_slice(body).unwrap();
                prop_assert!(body.len() <= budget || inside.len() == 1);
                unpacked.extend(inside);
            }
            prop_assert_eq!(unpacked, numbers);
        }
    }
}
