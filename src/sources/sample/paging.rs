//! How the pages of an interface follow one another, as far as one of them shows it.

use serde_json::Value;

use super::{MARK, jq, vocabulary};
use crate::normalize::text::flat_key;
use crate::sources::http::Url;

/// What stands beside the records and leads to the next page.
const NEXT: &[&str] = &[
    "next",
    "nextcursor",
    "cursor",
    "nextpage",
    "nextlink",
    "nexturl",
    "nextpagetoken",
    "tieptheo",
    "trangsau",
    "trangtieptheo",
    "continuation",
];
const PAGES: &[&str] =
    &["totalpages", "totalpage", "pages", "pagecount", "lastpage", "tongsotrang", "sotrang", "tongtrang"];
/// Parameters of an address.
const PAGE: &[&str] = &["page", "trang", "p", "pageindex", "pagenumber", "pageno", "sotrang"];
const OFFSET: &[&str] = &["offset", "skip", "start", "batdau"];
const SIZE: &[&str] = &["size", "pagesize", "limit", "perpage", "sodong", "rows", "top", "take", "kichthuoc"];

/// The lines of `[http]` about pages, comments among them.
pub(super) fn lines(document: Option<&Value>, url: &Url, has_link: bool) -> Vec<String> {
    let parameter = |names: &[&str]| {
        url.query_pairs()
            .map(|(name, value)| (name.into_owned(), value.into_owned()))
            .find(|(name, _)| names.contains(&flat_key(name).as_str()))
    };
    let text = |text: &str| toml_edit::Value::from(text).to_string();
    let size =
        parameter(SIZE).and_then(|(name, value)| Some((name, value.parse::<u32>().ok().filter(|size| *size > 0)?)));
    let mut lines = Vec::new();
    let next = document.and_then(|document| beside(document, NEXT));
    let pages = document.and_then(|document| beside(document, PAGES));
    if has_link {
        lines.push("# the answer has a `Link` header with rel=\"next\"".to_owned());
        lines.push("pagination.link_header = true".to_owned());
    } else if let Some(next) = next {
        lines.push(format!(
            "# {next} looks like the cursor or address of the next page; `param` is unused where it is an address"
        ));
        let param = parameter(&["cursor", "after", "tiep"]).map_or(MARK.to_owned(), |(name, _)| name);
        lines.push(format!("pagination.cursor = {{ next = {}, param = {} }}", text(&next), text(&param)));
    } else if let Some((param, _)) =
        parameter(PAGE).or_else(|| pages.as_ref().map(|_| (MARK.to_owned(), String::new())))
    {
        let total = pages.map(|pages| {
            (format!(", total_pages = {}", text(&pages)), format!("{pages} looks like the number of pages"))
        });
        let (total, why) =
            total.unwrap_or_else(|| (String::new(), format!("the address has the parameter {}", text(&param))));
        let sized =
            size.map(|(name, size)| format!(", size_param = {}, size = {size}", text(&name))).unwrap_or_default();
        lines.push(format!("# {why}"));
        lines.push(format!("pagination.page = {{ param = {}{sized}{total} }}", text(&param)));
    } else if let (Some((param, _)), Some((limit_param, limit))) = (parameter(OFFSET), size) {
        lines.push("# the address has these parameters".to_owned());
        let (param, limit_param) = (text(&param), text(&limit_param));
        lines.push(format!("pagination.offset = {{ param = {param}, limit_param = {limit_param}, limit = {limit} }}"));
    } else {
        lines.push("# Nothing in the answer points at another page. If there are more, one of:".to_owned());
        lines.push("#pagination.cursor = { next = \".meta.next\", param = \"cursor\" }".to_owned());
        lines.push(
            "#pagination.page = { param = \"page\", first = 1, size_param = \"page_size\", size = 500 }".to_owned(),
        );
        lines.push("#pagination.offset = { param = \"offset\", limit_param = \"limit\", limit = 500 }".to_owned());
    }
    lines
}

/// The path of a value of one of these names that stands beside the records and in no list.
fn beside(document: &Value, names: &[&str]) -> Option<String> {
    fn find(value: &Value, path: &mut Vec<String>, names: &[&str], found: &mut Vec<Vec<String>>) {
        let Some(fields) = value.as_object().filter(|_| path.len() < 4) else { return };
        for (name, value) in fields.iter().filter(|(name, _)| vocabulary::is_name(name)) {
            path.push(name.clone());
            if names.contains(&flat_key(name).as_str()) && !value.is_object() && !value.is_array() {
                found.push(path.clone());
            } else {
                find(value, path, names, found);
            }
            path.pop();
        }
    }
    let mut found = Vec::new();
    find(document, &mut Vec::new(), names, &mut found);
    let place =
        |path: &Vec<String>| names.iter().position(|name| path.last().is_some_and(|last| flat_key(last) == *name));
    found.into_iter().min_by_key(place).map(|path| jq::path(&path))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn pages_by_what_shows_them() {
        let said = |document: Value, url: &str, link| {
            lines(Some(&document), &Url::parse(url).unwrap(), link)
                .into_iter()
                .find(|line| line.starts_with("pagination"))
        };
        let url = "https://a.vn/api";
        for (document, url, link, wanted) in [
            (
                json!({"meta": {"next": "x"}}),
                url,
                false,
                Some("pagination.cursor = { next = \".meta.next\", param = \"???\" }"),
            ),
            (json!({"data": []}), url, true, Some("pagination.link_header = true")),
            (
                json!({"total_pages": 9}),
                "https://a.vn/api?trang=1&so_dong=50",
                false,
                Some(
                    "pagination.page = { param = \"trang\", size_param = \"so_dong\", size = 50, total_pages = \".total_pages\" }",
                ),
            ),
            (
                json!({"total_pages": 9}),
                url,
                false,
                Some("pagination.page = { param = \"???\", total_pages = \".total_pages\" }"),
            ),
            (
                json!({"data": []}),
                "https://a.vn/api?offset=0&limit=20",
                false,
                Some("pagination.offset = { param = \"offset\", limit_param = \"limit\", limit = 20 }"),
            ),
            (json!({"data": [{"next": 1}]}), url, false, None),
        ] {
            assert_eq!(said(document, url, link).as_deref(), wanted);
        }
    }
}
