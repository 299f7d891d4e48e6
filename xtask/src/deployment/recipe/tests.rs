//! Recipes that can be read, and what is said of those that cannot.

use super::*;

const WHOLE: &str = r#"
about = "Portal 1.2.3"
port = 8101
smtp_port = 8201
base = "http://localhost:{port}"
ready = "/login"
within = "1m 30s"
run = ["--max-wait", "6m", "--concurrency", "8"]
recognised_as = "preset:other"
needs = ["root", "debian-12"]
[twin]
name = "insecure-origin"
environment = { INSECURE_ORIGIN = "1" }
"#;

fn complaint(from: &str, to: &str) -> String {
    let text = WHOLE.replace(from, to);
    assert_ne!(text, WHOLE, "there is no {from} to replace");
    Recipe::parse(&text, "some/deployment.toml").expect_err("not a recipe")
}

#[test]
fn a_whole_recipe() {
    let expected = Recipe {
        about: "Portal 1.2.3".to_owned(),
        port: 8101,
        smtp_port: Some(8201),
        base: "http://localhost:{port}".to_owned(),
        ready: "/login".to_owned(),
        within: Duration::from_secs(90),
        run: ["--max-wait", "6m", "--concurrency", "8"].map(str::to_owned).to_vec(),
        recognised_as: Some("preset:other".into()),
        needs: vec![Need::Root, Need::Debian12],
        twin: Some(Twin {
            name: "insecure-origin".to_owned(),
            environment: BTreeMap::from([("INSECURE_ORIGIN".to_owned(), "1".to_owned())]),
        }),
    };
    let recipe = Recipe::parse(WHOLE, "some/deployment.toml").expect("a recipe");
    assert_eq!(recipe, expected);
    assert_eq!(recipe.base(4711), "http://localhost:4711");
}

#[test]
fn the_least_recipe() {
    let (needed, _) = WHOLE.split_once("recognised_as").expect("the optional keys");
    let recipe =
        Recipe::parse(&needed.replace("smtp_port = 8201\n", ""), "file").expect("a recipe");
    assert_eq!((recipe.smtp_port, recipe.needs, recipe.twin), (None, Vec::new(), None));
}

#[test]
fn what_is_wrong_names_the_file_and_the_key() {
    for (from, to, key) in [
        ("about = \"Portal 1.2.3\"\n", "", "`about`"),
        ("port = 8101\n", "port = \"8101\"\n", "port = \"8101\""),
        ("port = 8101\n", "port = 0\n", "port: 0"),
        ("port = 8101\n", "port = 81010\n", "port = 81010"),
        ("smtp_port = 8201", "smtp_port = 8101", "smtp_port: "),
        ("smtp_port", "mail_port", "`mail_port`"),
        ("http://localhost", "https://localhost", "base: "),
        ("localhost:{port}", "localhost/", "base: "),
        ("\"/login\"", "\"login\"", "ready: "),
        ("1m 30s", "soon", "within = \"soon\""),
        ("\"--max-wait\"", "\"--max-weight\"", "run: unexpected argument '--max-weight'"),
        ("\"--concurrency\", \"8\"", "\"--profile\", \"x\"", "run: takes neither"),
        ("\"--concurrency\", \"8\"", "\"login/*\"", "run: takes neither"),
        ("debian-12", "debian-11", "`debian-11`"),
        ("environment = { INSECURE_ORIGIN = \"1\" }", "", "`environment`"),
        ("{ INSECURE_ORIGIN = \"1\" }", "{}", "twin: "),
        ("name = \"insecure-origin\"", "title = \"insecure-origin\"", "`title`"),
    ] {
        let said = complaint(from, to);
        assert!(said.starts_with("some/deployment.toml: "), "{said}");
        assert!(said.contains(key), "`{key}` is not in: {said}");
    }
}

#[test]
fn every_recipe_that_ships_can_be_read() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the workspace is above");
    let mut read = 0;
    for entry in fs::read_dir(root.join(SHIPPED)).expect("deployments") {
        let folder = entry.expect("an entry").path();
        if folder.join(FILE).is_file() {
            Deployment::read(&folder).expect("a deployment");
            read += 1;
        }
    }
    assert!(read > 0, "no deployment ships");
}
