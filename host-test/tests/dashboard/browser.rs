//! The page in Chromium.

use super::*;
use crate::support::chromium::{Scheme, Visit, visit};

/// A server that no page may make a browser ask.
const CANARY: &str = "canary.example";

/// Texts in every column, which ask for the canary if they become markup or style.
fn hostile(directory: &TempDir) -> PathBuf {
    let path = stored(directory);
    let connection = Connection::open(&path).unwrap();
    let texts = [
        format!("<script src=http://{CANARY}/a></script>"),
        format!("\"><img src=http://{CANARY}/b onerror=\"document.title='taken'\">"),
        format!("</style><style>@import url(http://{CANARY}/c);</style>"),
        format!("' style='background:url(http://{CANARY}/d)"),
        format!("\u{202e}http://{CANARY}/\u{2066}"),
        "a".repeat(10_000),
        "ﷺ".repeat(10_000),
        "Z\u{0335}\u{0321}".repeat(5_000),
    ];
    for text in &texts {
        connection
            .execute(
                "INSERT INTO entities VALUES ('auth0', 'auth0_user', ?1, json_object('email', ?1), 1)",
                [text],
            )
            .unwrap();
        connection
            .execute(
                "INSERT INTO events (connector_id, name, start_ts, attributes)
                 SELECT 'auth0', value, start_ts, json_object('type', ?1, 'userId', ?1,
                     'connection', ?1, 'ip', ?1)
                 FROM (SELECT max(start_ts) AS start_ts FROM events),
                     json_each(json_array('auth0_login_event', ?1))",
                [text],
            )
            .unwrap();
    }
    connection
        .execute("UPDATE sync_state SET status = 'failed', last_error = ?1", [&texts[1]])
        .unwrap();
    path
}

#[tokio::test(flavor = "multi_thread")]
async fn a_browser_runs_nothing_and_requests_nothing_for_the_page() {
    let directory = TempDir::new().unwrap();
    let served = Served::start(&hostile(&directory));
    let Some(visited) = visit(&served.url, Scheme::Light).await else { return };
    let Visit { document, requests } = visited;
    assert!(document.contains("Failed logins per day"), "{document}");
    assert!(document.contains("<title>auth0 · rawdash</title>"), "{document}");
    let of_the_page = |requests: &[String]| requests.iter().any(|line| line.contains(CANARY));
    assert!(!of_the_page(&requests), "{requests:?}");

    // A page that does request it is seen.
    let page = directory.path().join("page.html");
    std::fs::write(&page, format!("<img src=http://{CANARY}/seen>")).unwrap();
    let url = format!("file://{}", page.display());
    let Visit { requests, .. } = visit(&url, Scheme::Light).await.unwrap();
    assert!(of_the_page(&requests), "{requests:?}");
}

/// Shows the page in a frame as wide as a phone and reports what is wider, and each text
/// that is hard to read before what lies behind it.
const EXAMINER: &str = r#"<!doctype html><meta charset="utf-8"><pre id="found"></pre><script>
const frame = document.createElement('iframe');
frame.width = 360;
frame.height = 800;
frame.style.border = 0;
const channels = (colour) => colour.match(/[\d.]+/g).map(Number);
const luminance = (colour) => {
  const [r, g, b] = channels(colour).map((c) => c / 255)
    .map((c) => c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
};
frame.onload = () => {
  const page = frame.contentDocument;
  for (const details of page.querySelectorAll('details')) details.open = true;
  const style = (element) => frame.contentWindow.getComputedStyle(element);
  const behind = (element) => {
    const colour = style(element).backgroundColor;
    const opaque = channels(colour)[3] !== 0;
    return opaque || !element.parentElement ? colour : behind(element.parentElement);
  };
  const width = page.documentElement.clientWidth;
  const found = { width, texts: 0, wide: [], pale: [] };
  if (page.documentElement.scrollWidth > width) found.wide.push('the page');
  for (const element of page.querySelectorAll('body *')) {
    if (element.closest('.rows thead')) continue;
    const name = `${element.tagName} ${element.textContent.slice(0, 40)}`;
    const { left, right } = element.getBoundingClientRect();
    if (left < -1 || right > width + 1) found.wide.push(name);
    const own = [...element.childNodes].some((n) => n.nodeType === 3 && n.data.trim());
    if (!own || element.tagName === 'title') continue;
    found.texts += 1;
    const colour = element.tagName === 'text' ? style(element).fill : style(element).color;
    const [light, dark] = [luminance(colour), luminance(behind(element))].sort((a, b) => b - a);
    if ((light + 0.05) / (dark + 0.05) < 4.5) found.pale.push(`${name} ${colour}`);
  }
  found.background = style(page.body).backgroundColor;
  document.getElementById('found').textContent = JSON.stringify(found);
};
frame.srcdoc = PAGE;
document.body.append(frame);
</script>"#;

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_wider_than_a_phone_or_hard_to_read_in_light_and_dark() {
    let directory = TempDir::new().unwrap();
    let path = hostile(&directory);
    let page = directory.path().join("page.html");
    let made = command(&["--html", page.to_str().unwrap()], &path).output().unwrap();
    assert_eq!(made.status.code(), Some(0));
    let html = std::fs::read_to_string(&page).unwrap();
    let literal = serde_json::to_string(&html).unwrap().replace('<', "\\u003c");
    std::fs::write(&page, EXAMINER.replace("PAGE", &literal)).unwrap();
    let mut backgrounds = BTreeSet::new();
    for scheme in [Scheme::Light, Scheme::Dark] {
        let url = format!("file://{}", page.display());
        let Some(visit) = visit(&url, scheme).await else { return };
        let (_, found) = visit.document.split_once("<pre id=\"found\">").unwrap();
        let found = found.split("</pre>").next().unwrap();
        let found: serde_json::Value = serde_json::from_str(found).unwrap();
        assert_eq!(found["width"], 360, "{found}");
        assert!(found["texts"].as_u64().is_some_and(|texts| texts > 300), "{found}");
        assert_eq!(found["wide"], serde_json::json!([]), "{scheme:?}");
        assert_eq!(found["pale"], serde_json::json!([]), "{scheme:?}");
        backgrounds.insert(found["background"].to_string());
    }
    assert_eq!(backgrounds.len(), 2, "{backgrounds:?}");
}
