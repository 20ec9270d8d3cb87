//! `Link: <…>; rel="next"` (RFC 8288, section 3).

/// The target of the first link whose relation is `next`, over all `Link` headers of an answer.
pub(super) fn next<'a>(headers: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    headers.flat_map(links).find(|link| link.is_next).map(|link| link.target)
}

struct Link<'a> {
    target: &'a str,
    is_next: bool,
}

fn links(mut rest: &str) -> Vec<Link<'_>> {
    let mut links = Vec::new();
    while let Some((_, after)) = rest.split_once('<') {
        let Some((target, after)) = after.split_once('>') else { break };
        let (is_next, after) = parameters(after);
        links.push(Link { target: target.trim(), is_next });
        rest = after;
    }
    links
}

/// Reads `; name=value; name="va, lue"` up to the comma that ends the link. The first `rel` counts; a link about
/// another thing than this page (`anchor`) is none of ours.
fn parameters(mut rest: &str) -> (bool, &str) {
    let mut relation = None;
    let mut about_other = false;
    loop {
        rest = rest.trim_start();
        let Some(after) = rest.strip_prefix(';') else { break };
        let end = after.find([';', ',', '=']).unwrap_or(after.len());
        let (name, after) = after.split_at(end);
        let (value, after) = after.strip_prefix('=').map_or(("", after), value);
        let name = name.trim();
        if name.eq_ignore_ascii_case("rel") && relation.is_none() {
            relation = Some(value);
        }
        about_other |= name.eq_ignore_ascii_case("anchor");
        rest = after;
    }
    let is_next = relation.is_some_and(|all| all.split_ascii_whitespace().any(|one| one.eq_ignore_ascii_case("next")));
    (is_next && !about_other, rest)
}

/// A token or a quoted string, and what follows it. Escapes inside quotes are skipped over, not undone: no
/// registered relation holds any.
fn value(text: &str) -> (&str, &str) {
    let text = text.trim_start();
    let Some(quoted) = text.strip_prefix('"') else {
        let (value, rest) = text.split_at(text.find([';', ',']).unwrap_or(text.len()));
        return (value.trim(), rest);
    };
    let mut escaped = false;
    for (at, c) in quoted.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => {
                let (value, rest) = quoted.split_at(at);
                return (value, rest.strip_prefix('"').unwrap_or(rest));
            }
            _ => {}
        }
    }
    (quoted, "")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_next_link_is_found_wherever_it_stands() {
        for (header, expected) in [
            (r#"<https://a.vn/x?page=2>; rel="next""#, Some("https://a.vn/x?page=2")),
            (r"</x?page=1>; rel=prev, </x?page=3>; rel=next", Some("/x?page=3")),
            (r#"</a,b;c>; title="one, \"two\"; rel=next"; rel="last", </n>;REL="prev NEXT""#, Some("/n")),
            (r#"</1>; rel="nextish", </2>; rel="prev"; rel="next""#, None),
            (r#"</1>; rel="next"; anchor="/other""#, None),
            (r"</1>; rel", None),
            (r"</1", None),
            ("", None),
        ] {
            assert_eq!(next([header].into_iter()), expected, "{header}");
        }
        assert_eq!(next(["</1>; rel=prev", "</2>; rel=next"].into_iter()), Some("/2"));
    }

    proptest! {
        #[test]
        fn any_header_is_read_to_its_end(header in ".{0,80}", pieces in proptest::collection::vec(prop_oneof![Just("<"), Just(">"), Just(";"), Just("rel="), Just("\""), Just("next"), Just(","), Just("\\")], 0..30)) {
            next([header.as_str(), &pieces.concat()].into_iter());
        }
    }
}
