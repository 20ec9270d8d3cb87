//! Which addresses a source may send us to, and how an address is named in a log.

use reqwest::Url;

use super::Error;

/// `https://kntc.example.vn:8443/api/don-thu`: without user, query and fragment, which may hold keys.
pub(super) fn label(url: &Url) -> String {
    format!("{}{}", url.origin().ascii_serialization(), url.path())
}

/// Takes up an address that the source gave (`what` it came as, say "the next link"): it must be of the same
/// origin (scheme, host, port) as `base`, because our credentials go with it.
///
/// # Errors
/// [`Error::Protocol`] naming both origins.
pub(super) fn follow(base: &Url, target: &str, what: &str) -> Result<Url, Error> {
    let mut url = base
        .join(target)
        .map_err(|error| Error::protocol(format!("{what} is no address ({error}); ask the source's administrator")))?;
    if url.origin() != base.origin() {
        return Err(Error::protocol(format!(
            "{what} leads from {} to {}; credentials are not sent to another origin: set http.url to the new one if it is right",
            base.origin().ascii_serialization(),
            url.origin().ascii_serialization(),
        )));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(Error::protocol(format!("{what} holds a user name or password; ask the source's administrator")));
    }
    url.set_fragment(None);
    Ok(url)
}

/// Sets one query parameter, in place of any of this name; the others stay byte for byte as they are.
pub(super) fn set_query(url: &mut Url, name: &str, value: &str) {
    drop_query(url, name);
    url.query_pairs_mut().append_pair(name, value);
}

/// Removes every query parameter of this name; the others stay byte for byte as they are.
pub(super) fn drop_query(url: &mut Url, name: &str) {
    let Some(query) = url.query() else { return };
    let named = |pair: &&str| {
        let mut probe = url.clone();
        probe.set_query(Some(pair));
        probe.query_pairs().any(|(key, _)| key == name)
    };
    let kept: Vec<_> = query.split('&').filter(|pair| !pair.is_empty() && !named(pair)).collect();
    let kept = (!kept.is_empty()).then(|| kept.join("&"));
    url.set_query(kept.as_deref());
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(text: &str) -> Url {
        Url::parse(text).unwrap()
    }

    #[test]
    fn the_same_origin_is_followed_and_another_refused() {
        let base = url("https://kntc.example.vn/api/don-thu?key=secret");
        for (target, expected) in [
            ("?page=2", "https://kntc.example.vn/api/don-thu?page=2"),
            ("/v2/x", "https://kntc.example.vn/v2/x"),
            ("https://KNTC.example.vn:443/y#top", "https://kntc.example.vn/y"),
        ] {
            assert_eq!(follow(&base, target, "the next link").unwrap().as_str(), expected);
        }
        for target in [
            "http://kntc.example.vn/",
            "https://kntc.example.vn:8443/",
            "https://evil.example/?a=b",
            "//evil.example",
            "https://kntc.example.vn.evil.example/",
        ] {
            let error = follow(&base, target, "the next link").unwrap_err().to_string();
            assert!(error.contains("from https://kntc.example.vn to http"), "{error}");
            assert!(!error.contains("secret") && !error.contains("a=b"), "{error}");
        }
        assert!(follow(&base, "https://u:p@kntc.example.vn/", "the next link").is_err());
        assert!(follow(&base, "https://[", "the next link").is_err());
        assert!(follow(&base, "javascript:alert(1)", "the next link").is_err());
    }

    #[test]
    fn parameters_are_set_beside_the_others() {
        let mut with = url("https://a.vn/x?sig=a%2Fb+c&page=1&p%61ge=9");
        set_query(&mut with, "page", "2 3");
        assert_eq!(with.as_str(), "https://a.vn/x?sig=a%2Fb+c&page=2+3");
        drop_query(&mut with, "sig");
        drop_query(&mut with, "page");
        assert_eq!(with.as_str(), "https://a.vn/x");
    }

    #[test]
    fn a_label_holds_no_secret() {
        assert_eq!(label(&url("https://u:p@a.vn:8443/x/y?k=v#f")), "https://a.vn:8443/x/y");
    }
}
