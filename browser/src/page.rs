//! A page as a person sees it: controls that are shown, by role and name, by label or by CSS selector; what is
//! typed and pressed.

use serde_json::{Value, json};

use crate::{Session, webdriver::Trouble};

const LOOK: &str = include_str!("scripts/look.js");

/// Puts the cursor into a field, over all that stands there.
const SELECT: &str = "arguments[0].focus(); arguments[0].select();";

/// The member that WebDriver names an element by (W3C WebDriver, §12).
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";

/// What is looked for on a page; every part that is given must fit.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Control {
    /// Role (WAI-ARIA), written or implied by the element.
    pub role: Option<String>,
    /// Accessible name, blanks tidied.
    pub name: Option<String>,
    /// Text of its label.
    pub label: Option<String>,
    /// CSS selector.
    pub css: Option<String>,
}

impl Control {
    fn written(&self) -> Value {
        json!({"role": self.role, "name": self.name, "label": self.label, "css": self.css})
    }
}

/// An element of the page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Element(String);

/// An element that is shown.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shown {
    /// It.
    pub element: Element,
    /// Its text, blanks tidied, or the value of a field.
    pub text: String,
}

/// What was seen of a page at one moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct View {
    /// Its address.
    pub address: String,
    /// Whether it is loaded.
    pub ready: bool,
    /// Which document it is: another one after each time that a page is loaded.
    pub document: u64,
    /// For each control that was looked for, what is shown of it, in the order of the page.
    pub shown: Vec<Vec<Shown>>,
}

impl Session {
    /// Looks for controls on the page.
    ///
    /// # Errors
    /// When a selector is none, or the page goes away meanwhile.
    pub async fn look(&self, controls: &[Control]) -> Result<View, Trouble> {
        let wanted = controls.iter().map(Control::written).collect();
        view(&self.run(LOOK, &[wanted]).await?)
            .ok_or_else(|| Trouble::Nonsense("a page that cannot be looked at".into()))
    }

    /// Presses a control as a person does.
    ///
    /// # Errors
    /// When something lies over it, or it is gone.
    pub async fn press(&self, element: &Element) -> Result<(), Trouble> {
        self.post(&format!("/element/{}/click", element.0), &json!({})).await.map(drop)
    }

    /// Types into a field that is emptied first.
    ///
    /// # Errors
    /// When it takes no text, or is gone.
    pub async fn fill(&self, element: &Element, text: &str) -> Result<(), Trouble> {
        if text.is_empty() {
            return self.post(&format!("/element/{}/clear", element.0), &json!({})).await.map(drop);
        }
        // All at once, as a password manager does: key by key costs a tenth of a second for each field.
        self.run(SELECT, &[json!({ELEMENT: element.0})]).await?;
        self.devtools("Input.insertText", json!({"text": text})).await.map(drop)
    }
}

fn view(said: &Value) -> Option<View> {
    let shown = |one: &Value| {
        Some(Shown {
            element: Element(one.get("element")?.get(ELEMENT)?.as_str()?.to_owned()),
            text: one.get("text")?.as_str().unwrap_or_default().to_owned(),
        })
    };
    let of_one = |found: &Value| found.as_array()?.iter().map(shown).collect::<Option<Vec<_>>>();
    Some(View {
        address: said.get("address")?.as_str()?.to_owned(),
        ready: said.get("ready")?.as_bool()?,
        document: said.get("document")?.as_u64()?,
        shown: said.get("shown")?.as_array()?.iter().map(of_one).collect::<Option<_>>()?,
    })
}
