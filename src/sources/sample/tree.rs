//! Where the records are in a document.

use serde_json::Value;

use super::vocabulary;

/// Objects within one another that are looked through.
const LEVELS: usize = 8;

/// A place in a document: the names of the objects that lead to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Place {
    pub path: Vec<String>,
    /// Records in the list that stands there; `None`: one record stands there by itself.
    pub records: Option<usize>,
}

/// The largest list of objects, and the others; where there is none, the object whose names are known best.
pub(super) fn records(document: &Value) -> Option<(Place, Vec<Place>)> {
    let mut lists = Vec::new();
    let mut single: Option<(usize, Vec<String>)> = None;
    walk(document, &mut Vec::new(), &mut |path, value| match value {
        Value::Array(items) => {
            let objects = items.iter().filter(|item| item.is_object()).count();
            if objects > 0 {
                lists.push(Place { path: path.to_vec(), records: Some(objects) });
            }
        }
        Value::Object(fields) => {
            let known = fields.keys().filter(|name| vocabulary::is_known(name)).count();
            if known > single.as_ref().map_or(0, |(most, _)| *most) {
                single = Some((known, path.to_vec()));
            }
        }
        _ => {}
    });
    // a list of people in a document of one record is no list of records
    let known = |value: &Value| {
        value.as_object().map_or(0, |fields| fields.keys().filter(|name| vocabulary::is_known(name)).count())
    };
    let is_part = |list: &Place| {
        let Some((last, outside)) = list.path.split_last() else { return false };
        vocabulary::role_of(last).is_some() && at(document, outside).is_some_and(|record| known(record) >= 4)
    };
    lists.retain(|list| !is_part(list));
    // of two of one size the outer one, which was seen first
    let largest = lists.iter().enumerate().max_by_key(|(at, list)| (list.records, usize::MAX - at)).map(|(at, _)| at);
    match (largest, single) {
        (Some(largest), _) => {
            let chosen = lists.swap_remove(largest);
            Some((chosen, lists))
        }
        (None, Some((known, path))) if known >= 2 && !is_among_its_like(document, &path) => {
            Some((Place { path, records: None }, Vec::new()))
        }
        _ => None,
    }
}

/// Whether it is one of several that stand in an object under their numbers, which no list of records is read from: the one
/// that was seen would pass for all of them.
fn is_among_its_like(document: &Value, path: &[String]) -> bool {
    let names = |value: &Value| value.as_object().map(|fields| fields.keys().cloned().collect::<Vec<_>>());
    let own = at(document, path).and_then(names);
    let beside = path.split_last().and_then(|(_, outside)| at(document, outside)?.as_object());
    beside.is_some_and(|beside| beside.values().filter(|other| names(other) == own).count() >= 2)
}

/// Visits objects and lists, outer ones first; nothing in a list, and nothing under a name that may be a value.
fn walk<'v>(value: &'v Value, path: &mut Vec<String>, visit: &mut dyn FnMut(&[String], &'v Value)) {
    visit(path, value);
    let Value::Object(fields) = value else { return };
    if path.len() >= LEVELS {
        return;
    }
    for (name, field) in fields {
        if vocabulary::is_name(name) {
            path.push(name.clone());
            walk(field, path, visit);
            path.pop();
        }
    }
}

/// The value at a place.
pub(super) fn at<'v>(document: &'v Value, path: &[String]) -> Option<&'v Value> {
    path.iter().try_fold(document, |value, name| value.get(name))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn found(document: &Value) -> Option<(String, Option<usize>)> {
        records(document).map(|(place, _)| (place.path.join("/"), place.records))
    }

    #[test]
    fn the_largest_list_of_objects() {
        let many = json!([{"a": 1}, {"a": 2}, {"a": 3}]);
        assert_eq!(
            found(&json!({"meta": {"codes": [{"a": 1}]}, "data": {"items": many}})),
            Some(("data/items".into(), Some(3)))
        );
        assert_eq!(found(&json!({"rows": [1, 2, 3], "x": [{"NguoiNop": many}]})), Some(("x".into(), Some(1))));
        let one = json!({"MaDon": "1", "NgayNhan": "2", "NoiDung": "3", "LoaiDon": "KN", "NguoiNop": [{"HoTen": "a"}]});
        assert_eq!(found(&one), Some((String::new(), None)));
        assert_eq!(found(&json!({"ket_qua": {"don": one}})), Some(("ket_qua/don".into(), None)));
        assert_eq!(found(&json!({"total": 0, "data": []})), None);
        // under their numbers
        assert_eq!(found(&json!({"don": {"D1": one, "D2": one, "D3": one}})), None);
    }
}
