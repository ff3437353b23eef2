//! Pages that stand in place of an article are named for what they are; articles that speak of such pages come back.

use std::fs;
use std::process::{Command, Output};

use tempfile::TempDir;
use topicwire::extract::{Failure, Page, SiteRules, extract, selector, unmatched};
use topicwire::model::RuleName;
use url::Url;

const PROSE: &str = "Совет города в среду обсудил ремонт школы и после долгого спора решил продолжить работы до конца учебного года.";

fn read(html: &str) -> Result<String, Failure> {
    let url = Url::parse("https://news.example/news/").unwrap();
    let page = Page { html: html.as_bytes(), url: &url, content_type: None, entry: None, timezone: None, fetched_at: None };
    extract(&page, &SiteRules::default()).map(|article| article.text)
}

fn page(head: &str, title: &str, paragraphs: &[&str]) -> String {
    let paragraphs: String = paragraphs.iter().map(|paragraph| format!("<p>{paragraph}</p>")).collect();
    format!("<!doctype html><html lang=ru><head><title>{title}</title>{head}</head><body><h1>{title}</h1>{paragraphs}</body></html>")
}

#[track_caller]
fn check_failure(title: &str, paragraphs: &[&str], expected: Failure) {
    assert_eq!(read(&page("", title, paragraphs)), Err(expected), "{title:?} {paragraphs:?}");
}

#[track_caller]
fn check_article(head: &str, title: &str, paragraphs: &[&str]) {
    let text = read(&page(head, title, paragraphs)).unwrap_or_else(|failure| panic!("{title:?} {paragraphs:?}: {failure}"));
    assert!(text.contains(paragraphs[0]), "{text}");
}

fn teaser(number: usize) -> String {
    format!(
        "<div class=item><h3><a href=/n/{number}>Новость номер {number} о школах города и ремонте</a></h3><p>Совет города в среду \
         обсудил ремонт школы номер {number} и после долгого спора решил продолжить работы.</p></div>"
    )
}

#[test]
fn names_lists_of_articles() {
    let teasers: String = (1..=20).map(teaser).collect();
    let dated = teasers.replace("</p>", "</p><span>26 ноября 2025</span>");
    for list in [&teasers, &dated] {
        let html = format!("<html lang=ru><title>Новости</title><h1>Новости</h1><main>{list}</main></html>");
        assert_eq!(read(&html), Err(Failure::Listing), "{html}");
    }
    // A report with other articles below it, and a digest that says that it is an article, are none.
    let report = format!("<h1>Школы города</h1><main>{}{teasers}</main>", format!("<p>{PROSE}</p>").repeat(8));
    assert!(read(&report).unwrap().contains(PROSE));
    let digest = format!("<meta property=og:type content=article><h1>Новости недели</h1><article>{teasers}</article>");
    assert!(read(&digest).unwrap().contains("школы номер 7"));
}

#[test]
fn names_stubs_of_articles_that_must_be_paid_for() {
    for notice in [
        "Материал доступен только подписчикам. Оформите подписку, чтобы читать дальше.",
        "Чтобы прочитать материал полностью, оформите подписку.",
        "Полный текст доступен по подписке.",
        "Dieser Artikel ist exklusiv für Abonnenten. Jetzt Abo abschließen und weiterlesen.",
        "Subscribe to continue reading.",
        "Толық нұсқасын оқу үшін жазылыңыз.",
    ] {
        check_failure("Школы города", &[PROSE, notice], Failure::Paywall);
        check_failure("Школы города", &[PROSE, PROSE, notice], Failure::Paywall);
    }
    let linked = |free: &str| {
        format!(r#"<script type="application/ld+json">{{"@type":"NewsArticle","headline":"Школы","isAccessibleForFree":{free}}}</script>"#)
    };
    let locked = "<meta property=\"article:content_tier\" content=\"locked\">";
    for head in [linked("false"), linked("\"False\""), locked.to_owned()] {
        assert_eq!(read(&page(&head, "Школы города", &[PROSE])), Err(Failure::Paywall), "{head}");
        assert_eq!(read(&page(&head, "Школы города", &[])), Err(Failure::Paywall), "{head}");
        check_article(&head, "Школы города", &LONG);
        let cut = [&LONG[..7], &["Чтобы продолжить чтение, оформите подписку"]].concat();
        assert_eq!(read(&page(&head, "Школы города", &cut)), Err(Failure::Paywall), "{head}");
        check_article("", "Школы города", &cut);
    }
    check_article(&linked("true"), "Школы города", &[PROSE]);
    check_article("", "Школы города", &LONG);
}

/// A whole article.
const LONG: [&str; 8] = [
    "В первый день совет города обсудил ремонт школы, и после долгого спора решил продолжить работы до конца года.",
    "Во второй день совет города обсудил ремонт больницы, и после долгого спора решил отложить работы до весны.",
    "На третий день совет города обсудил ремонт моста, и после короткого спора решил начать работы немедленно.",
    "На четвёртый день депутаты спорили о парке, и большинство решило, что деревья в нём надо сохранить все.",
    "На пятый день выступил аким, который рассказал, сколько денег выделено на дороги и сколько уже потрачено.",
    "На шестой день жители задали вопросы о воде, и коммунальные службы обещали исправить всё в течение месяца.",
    "На седьмой день обсуждали автобусы: новых машин станет больше, а интервал между рейсами будет короче.",
    "Полный текст решения доступен по подписке на бюллетень совета, а следующее заседание пройдёт в декабре.",
];

#[test]
fn names_walls_against_robots() {
    let blocked = [
        "Sorry, you have been blocked. You are unable to access news.example",
        "Why have I been blocked? This website is using a security service to protect itself from online attacks. The action you just \
         performed triggered the security solution. There are several actions that could trigger this block including submitting a \
         certain word or phrase, a SQL command or malformed data.",
        "What can I do to resolve this? You can email the site owner to let them know you were blocked. Please include what you were \
         doing when this page came up and the Cloudflare Ray ID found at the bottom of this page.",
        "Cloudflare Ray ID: 8abc • Your IP: 192.0.2.1 • Performance & security by Cloudflare",
    ];
    check_failure("Attention Required! | Cloudflare", &blocked, Failure::BotWall);
    for (title, text) in [
        ("news.example", "Please enable JS and disable any ad blocker"),
        (
            "Access to this page has been denied",
            "Access to this page has been denied because we believe you are using automation tools to browse the website.",
        ),
        ("Robot Check", "Press & Hold to confirm you are a human (and not a bot)."),
        ("Браузерді тексеру", "Сіздің браузеріңіз тексерілуде. Робот емес екеніңізді растаңыз."),
        ("Проверка браузера", "Пожалуйста, подождите. Мы проверяем, что вы не робот. Это займёт несколько секунд."),
        ("Доступ запрещён", "Обратитесь к администратору сайта."),
        ("403 Forbidden", "nginx"),
        ("Access Denied", "You don't have permission to access \"http://news.example/\" on this server. Reference #18.4d2f1602"),
    ] {
        check_failure(title, &[text], Failure::BotWall);
    }
}

#[test]
fn names_walls_of_consent() {
    let partners = [
        "We and our partners store and access information on a device, such as cookies, and process personal data, such as unique \
         identifiers and standard information sent by a device, for personalised ads and content, ad and content measurement, and \
         audience insights, as well as to develop and improve products.",
        "With your permission we and our partners may use precise geolocation data and identification through device scanning. You may \
         click to consent to our and our partners’ processing as described above. Alternatively you may access more detailed \
         information and change your preferences before consenting or to refuse consenting.",
        "Please note that some processing of your personal data may not require your consent, but you have a right to object to such \
         processing.",
    ];
    check_failure("Before you continue to News", &partners, Failure::CookieWall);
    check_failure("Before you continue to News", &partners[..1], Failure::CookieWall);
    for text in [
        "Этот сайт использует файлы cookie. Продолжая, вы соглашаетесь с их использованием.",
        "Мы используем файлы cookie, чтобы сайт работал лучше. Нажмите «Принять», чтобы продолжить.",
        "Цей сайт використовує файли cookie. Прийміть їх, щоб продовжити.",
        "Bu site çerezleri kullanmaktadır. Devam etmek için çerezleri kabul edin.",
    ] {
        check_failure("Согласие", &[text], Failure::CookieWall);
        let whole = format!("{text} {PROSE}");
        check_failure("Согласие", &[&whole], Failure::CookieWall);
    }
}

#[test]
fn names_error_pages() {
    for (title, text) in [
        ("404", "Bet tabylmady. Suratylǵan bet joq nemese joıylǵan."),
        ("404", "Sahifa topilmadi. Bosh sahifaga qayting va yana urinib koʻring."),
        ("404", "Барак табылган жок. Башкы бетке кайтыңыз."),
        ("404", "Sayfa bulunamadı. Aradığınız sayfa kaldırılmış olabilir."),
        ("404", "Бет табылмады. Сұратылған бет жоқ немесе жойылған."),
        ("404", "Сторінку не знайдено"),
        ("Страницы не существует", "Такой страницы нет. Вернитесь на главную страницу нашего сайта, пожалуйста."),
        ("Технические работы", "На сайте ведутся технические работы. Приносим извинения за неудобства, сайт скоро заработает."),
        ("Технические работы", "Мы скоро вернёмся."),
        ("Internal Server Error", "The server encountered an internal error and was unable to complete your request."),
        (
            "Internal Server Error",
            "Please contact the administrator and tell what you were doing when this happened. More about it may be found in the log of the server, which the administrator can read.",
        ),
        ("Ошибка", "К сожалению, запрашиваемая страница не существует. Проверьте адрес."),
    ] {
        check_failure(title, &[text], Failure::ErrorPage);
    }
}

#[test]
fn names_pages_that_need_javascript() {
    for text in [
        "Для корректной работы сайта нужен JavaScript.",
        "Сайт жұмыс істеуі үшін JavaScript қосыңыз.",
        "Для работы сайта необходимо включить JavaScript в вашем браузере.",
    ] {
        check_failure("Новости", &[text], Failure::NeedsScript);
    }
    let app = "<html><head><title>News</title></head><body><noscript>You need to enable JavaScript to run this app.</noscript><div id=root></div></body></html>";
    assert_eq!(read(app), Err(Failure::NeedsScript));
    assert_eq!(read(&app.replace("<noscript>", "<noscript><strong>")), Err(Failure::NeedsScript));
    assert_eq!(read(&app.replace("You need to enable JavaScript to run this app.", "<img src=/counter.gif>")), Err(Failure::Empty));
}

#[test]
fn articles_that_speak_of_such_pages_come_back() {
    let titles = [
        "Технические работы на ГЭС завершены раньше срока",
        "Хакеры научились обходить captcha на порталах",
        "Суд: газета должна открыть статьи не только для подписчиков",
    ];
    let mentions = [
        "Пользователи портала увидели сообщение «Internal Server Error», а позже надпись «Страница не найдена», сообщил министр.",
        "Эксперты советуют гражданам, чтобы подтвердить, что вы не робот, использовать приложение, а не браузер с captcha.",
        "По словам редактора, теперь часть материалов газеты открыта для всех, а остальное доступно только подписчикам.",
        "Новый закон требует, чтобы сайты, которые используют файлы cookie, спрашивали согласие: мы используем cookie, пишут они.",
        "Разработчики сказали, что для работы приложения больше не нужен JavaScript, и оно стало заметно быстрее.",
    ];
    for title in titles {
        check_article("", title, &[PROSE, LONG[1]]);
        check_article("", title, &LONG);
    }
    for mention in mentions {
        check_article("", "Школы города", &[PROSE, LONG[0], mention]);
        check_article("<meta property=og:type content=article>", "Школы города", &[PROSE, mention]);
        check_article("", "Школы города", &[LONG.as_slice(), &[mention]].concat());
    }
    check_article("<meta property=og:type content=article>", "Школы города", &[mentions[0]]);
    // A banner on the page of a flash.
    let banner = page("<meta property=og:type content=article>", "Школы города", &[PROSE])
        .replace("</body>", "<footer>Мы используем cookie</footer></body>");
    assert_eq!(read(&banner).as_deref(), Ok(PROSE));
}

#[test]
fn rules_that_select_nothing_are_told_without_an_article_too() {
    let url = Url::parse("https://news.example/a").unwrap();
    let page = Page { html: b"<h1>404</h1>", url: &url, content_type: None, entry: None, timezone: None, fetched_at: None };
    let rules = SiteRules { body: Some(selector(".text").unwrap()), title: Some(selector("h1").unwrap()), ..SiteRules::default() };
    assert!(extract(&page, &rules).is_err());
    assert_eq!(unmatched(&page, &rules), [RuleName::Body]);
}

#[test]
fn a_rule_that_selects_nothing_is_told_on_standard_error() {
    let folder = TempDir::new().unwrap();
    let feeds = "[[feed]]\nid = \"a\"\nurl = \"https://news.example/rss\"\narticle = { body = \".text\", author = \".by\" }\n";
    let batch = "{\"id\":\"1\",\"path\":\"page.html\",\"url\":\"https://news.example/a\"}\n";
    for (name, text) in
        [("feeds.toml", feeds), ("page.html", &page("", "Школы города", &LONG)), ("404.html", "<h1>404</h1>"), ("in", batch)]
    {
        fs::write(folder.path().join(name), text).unwrap();
    }
    let run = |arguments: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_topicwire"));
        command.arg("extract").args(arguments).current_dir(folder.path());
        let output: Output = command.stdin(fs::File::open(folder.path().join("in")).unwrap()).output().unwrap();
        [output.stdout, output.stderr].map(|bytes| String::from_utf8(bytes).unwrap())
    };
    let told = "topicwire: `page.html`: the rules `body`, `author` select nothing that can be read\n";
    for format in ["text", "json"] {
        let [out, error] = run(&["page.html", "--url", "https://news.example/a", "--format", format]);
        assert!(out.contains(LONG[0]), "{out}");
        assert_eq!(error, told);
    }
    assert_eq!(run(&["page.html", "--url", "https://another.example/a"])[1], "");
    assert_eq!(run(&["--batch"])[1], "");
    let [out, _] = run(&["--explain", "404.html", "--url", "https://news.example/a"]);
    assert!(out.contains("no article") && out.contains("the rule `body` selects nothing that can be read"), "{out}");
}
