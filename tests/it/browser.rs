//! The pages of the demonstration in a real browser, driven over the `WebDriver` protocol: in both themes, three languages and two widths,
//! with forms and links used as people do, and nothing for the console to say. Screenshots stay in `target/browser`. `.ci/browser` runs it.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use reqwest::Client;
use serde_json::{Value, json};

/// A program that is killed when it is dropped.
struct Program(Child);

impl Program {
    /// Starts it, and waits until it says where it listens: what `find` makes of a line.
    fn start(command: &mut Command, find: impl Fn(&str) -> Option<String>) -> (Self, String) {
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let address = lines.find_map(|line| find(&line.unwrap())).expect("it said where it listens");
        // Whoever writes into a pipe that nobody reads is killed.
        std::thread::spawn(move || lines.for_each(drop));
        (Self(child), address)
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        self.0.kill().unwrap_or_default();
        self.0.wait().unwrap();
    }
}

/// A browser window.
struct Browser {
    client: Client,
    session: String,
    site: String,
}

impl Browser {
    async fn open(driver: &str, site: &str, language: &str) -> Self {
        let options = json!({
            "args": ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--hide-scrollbars", format!("--lang={language}")],
            "prefs": {"intl.accept_languages": language, "intl.selected_languages": language},
        });
        let wanted = json!({"browserName": "chrome", "goog:chromeOptions": options, "goog:loggingPrefs": {"browser": "ALL"}});
        let mut browser = Self { client: Client::new(), session: format!("{driver}/session"), site: site.to_owned() };
        let session = browser.post("", &json!({"capabilities": {"alwaysMatch": wanted}})).await;
        browser.session = format!("{}/{}", browser.session, session["sessionId"].as_str().unwrap());
        browser
    }

    async fn post(&self, path: &str, body: &Value) -> Value {
        let request = self.client.post(format!("{}{path}", self.session)).body(body.to_string());
        let answer = request.send().await.unwrap().text().await.unwrap();
        let answer: Value = serde_json::from_str(&answer).unwrap();
        assert!(answer["value"].get("error").is_none(), "{path} {body}: {}", answer["value"]["message"]);
        answer["value"].clone()
    }

    async fn go(&self, path: &str) {
        self.post("/url", &json!({"url": format!("{}{path}", self.site)})).await;
    }

    async fn developer(&self, command: &str, parameters: Value) {
        self.post("/goog/cdp/execute", &json!({"cmd": command, "params": parameters})).await;
    }

    async fn theme(&self, theme: &str) {
        let features = json!([{"name": "prefers-color-scheme", "value": theme}]);
        self.developer("Emulation.setEmulatedMedia", json!({"features": features})).await;
    }

    async fn width(&self, width: u32) {
        let metrics = json!({"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 600});
        self.developer("Emulation.setDeviceMetricsOverride", metrics).await;
    }

    async fn run(&self, script: &str) -> Value {
        self.post("/execute/sync", &json!({"script": format!("return {script}"), "args": []})).await
    }

    async fn text(&self, script: &str) -> String {
        self.run(script).await.as_str().unwrap_or_default().to_owned()
    }

    async fn element(&self, selector: &str) -> String {
        let found = self.post("/element", &json!({"using": "css selector", "value": selector})).await;
        found.as_object().unwrap().values().next().unwrap().as_str().unwrap().to_owned()
    }

    async fn click(&self, selector: &str) {
        let element = self.element(selector).await;
        self.post(&format!("/element/{element}/click"), &json!({})).await;
    }

    /// Clicks on what leads to another page, and waits for that: a form is sent only after the click has returned.
    async fn follow(&self, selector: &str) {
        self.run("window.isBefore = true").await;
        self.click(selector).await;
        let deadline = Instant::now() + Duration::from_secs(20);
        while self.run("window.isBefore === true || document.readyState !== 'complete'").await == json!(true) {
            assert!(Instant::now() < deadline, "{selector} leads nowhere");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// Writes into a field, in the place of what is there.
    async fn write(&self, selector: &str, text: &str) {
        let element = self.element(selector).await;
        self.post(&format!("/element/{element}/clear"), &json!({})).await;
        self.post(&format!("/element/{element}/value"), &json!({"text": text})).await;
    }

    async fn press(&self, key: &str) {
        let actions = json!([{"type": "keyDown", "value": key}, {"type": "keyUp", "value": key}]);
        self.post("/actions", &json!({"actions": [{"type": "key", "id": "keyboard", "actions": actions}]})).await;
    }

    async fn screenshot(&self, name: &str) {
        let height = self.run("Math.min(document.documentElement.scrollHeight, 4000)").await.as_u64().unwrap();
        let width = self.run("window.innerWidth").await;
        let parameters = json!({"captureBeyondViewport": true, "clip": {"x": 0, "y": 0, "width": width, "height": height, "scale": 1}});
        let command = json!({"cmd": "Page.captureScreenshot", "params": parameters});
        let picture = self.post("/goog/cdp/execute", &command).await;
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap().join("browser");
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join(format!("{name}.png")), BASE64_STANDARD.decode(picture["data"].as_str().unwrap()).unwrap()).unwrap();
    }

    /// Nothing was said in the console since the last look: no error, no breach of the policy.
    async fn assert_silent(&self, place: &str) {
        let said = self.post("/se/log", &json!({"type": "browser"})).await;
        assert_eq!(said, json!([]), "{place}");
    }

    async fn close(self) {
        self.client.delete(&self.session).send().await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs chromium"]
async fn every_page_in_both_themes_and_three_languages() {
    // The first of the tests in this process to do so wins; they all want the same.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let found = |line: &str| line.split(' ').find_map(|word| word.strip_suffix("topics/child-rights.atom")).map(str::to_owned);
    let (_demo, site) = Program::start(Command::new(env!("CARGO_BIN_EXE_topicwire")).arg("demo"), found);
    let port = |line: &str| line.split_once("successfully on port ").map(|(_, port)| port.trim_end_matches('.').to_owned());
    let (_driver, port) = Program::start(Command::new("chromedriver").arg("--port=0"), port);
    let driver = format!("http://127.0.0.1:{port}");
    for tongue in ["en", "ru", "kk"] {
        let browser = Browser::open(&driver, &site, tongue).await;
        looks(&browser, tongue).await;
        subscribes(&browser).await;
        searches(&browser, tongue).await;
        tries_rules(&browser, tongue).await;
        goes_by_keyboard(&browser).await;
        browser.close().await;
    }
}

/// Every page: in its language, as wide as the window, silent, in the colours of the theme.
async fn looks(browser: &Browser, tongue: &str) {
    browser.go("topics/child-rights.html").await;
    let article = browser.text("document.querySelector('.entry h2 a').pathname.slice(1)").await;
    let pages = [
        ("index", ""),
        ("topic", "topics/child-rights.html"),
        ("filtered", "topics/child-rights.html?lang=ru&from=2025-01-01&q=%D0%BF%D1%80%D0%B0%D0%B2%D0%BE"),
        ("agency", "agencies/kazinform-ru.html"),
        ("all", "all.html"),
        ("article", article.as_str()),
        ("feeds", "feeds"),
        ("lab", "lab?topic=child-rights"),
        ("search", "search?q=%D0%BF%D1%80%D0%B0%D0%B2%D0%BE"),
    ];
    for (theme, dark) in [("light", false), ("dark", true)] {
        browser.theme(theme).await;
        for (name, path) in pages {
            for (width, size) in [(1200, "wide"), (390, "phone")] {
                let place = format!("{tongue}-{theme}-{size}-{name}");
                browser.width(width).await;
                browser.go(path).await;
                assert_eq!(browser.text("document.documentElement.lang").await, tongue, "{place}");
                let fits = browser.run("document.documentElement.scrollWidth <= window.innerWidth").await;
                assert_eq!(fits, json!(true), "{place} is wider than its window");
                let paper = browser.text("getComputedStyle(document.body).backgroundColor.match(/\\d+/)[0]").await;
                assert_eq!(paper.parse::<u8>().unwrap() < 128, dark, "{place}");
                let unnamed = "document.querySelectorAll('img:not([alt])').length";
                assert_eq!(browser.run(unnamed).await, json!(0), "{place}: a picture says nothing to who does not see it");
                let unlabelled =
                    "[...document.querySelectorAll('input:not([type=hidden]), select, textarea')].filter(field => !field.labels.length)";
                assert_eq!(browser.run(&format!("{unlabelled}.length")).await, json!(0), "{place}: a field without a label");
                browser.assert_silent(&place).await;
                browser.screenshot(&place).await;
            }
        }
    }
    browser.theme("light").await;
    browser.width(1200).await;
}

async fn subscribes(browser: &Browser) {
    browser.go("").await;
    browser.click(".subscribe a").await;
    assert!(browser.text("location.pathname").await.ends_with("/topics/child-rights.atom"));
    assert_eq!(browser.text("document.querySelector('feed, body').textContent.includes('ЮНИСЕФ') ? 'a feed' : 'nothing'").await, "a feed");
    browser.assert_silent("the feed").await;
}

async fn searches(browser: &Browser, tongue: &str) {
    browser.go("search").await;
    browser.write("#q", "встреча региональный директор").await;
    browser.follow("main button").await;
    assert_eq!(browser.run("document.querySelectorAll('.entry').length").await, json!(1));
    browser.follow(".entry h2 a").await;
    assert!(browser.text("location.pathname").await.starts_with("/articles/"));
    assert!(browser.text("document.querySelector('h1').textContent").await.contains("ЮНИСЕФ"));
    browser.go("search").await;
    browser.write("#q", "(встреча").await;
    browser.follow("main button").await;
    assert_ne!(browser.text("document.querySelector('[role=alert] .wrong').textContent").await, "");
    browser.screenshot(&format!("{tongue}-light-wide-search-wrong")).await;
    browser.assert_silent("the search").await;
}

async fn tries_rules(browser: &Browser, tongue: &str) {
    browser.go("lab").await;
    browser.follow("main button").await;
    browser.write("#rules", "ru 20: школа | метро | доллар").await;
    browser.write("#days", "3650").await;
    browser.follow("main form + form button, form[method=post] button").await;
    assert!(browser.run("document.querySelectorAll('[aria-labelledby=added] .entry').length").await.as_u64().unwrap() > 0);
    browser.screenshot(&format!("{tongue}-light-wide-lab-result")).await;
    browser.write("#rules", "ru 20: (школа AND").await;
    browser.follow("form[method=post] button").await;
    assert_ne!(browser.text("document.querySelector('[role=alert] .code').textContent").await, "");
    browser.screenshot(&format!("{tongue}-light-wide-lab-wrong")).await;
    browser.assert_silent("the lab").await;
}

/// The first stop is the way past the navigation, and where one is can be seen.
async fn goes_by_keyboard(browser: &Browser) {
    const TAB: &str = "\u{e004}";
    const ENTER: &str = "\u{e007}";
    browser.go("").await;
    browser.press(TAB).await;
    assert_eq!(browser.text("document.activeElement.className").await, "skip");
    for _ in 0..3 {
        assert_eq!(browser.text("getComputedStyle(document.activeElement).outlineStyle").await, "solid");
        browser.press(TAB).await;
    }
    assert_eq!(browser.text("document.activeElement.getAttribute('href')").await, "search");
    browser.press(ENTER).await;
    assert!(browser.text("location.pathname").await.ends_with("/search"));
    browser.assert_silent("the keyboard").await;
}
