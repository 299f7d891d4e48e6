//! Forms and JSON bodies without the member that a browser leaves out, and with the others taken down.

use serde_json::Value;
use url::Url;

use super::FlowRun;

impl FlowRun<'_, '_> {
    /// The fields of a form, as this browser sends them.
    pub(super) fn fields_of(&mut self, mut fields: Vec<(String, String)>) -> Vec<(String, String)> {
        fields.retain(|(name, _)| !self.visitor.memory.members.leaves_out(name));
        fields.iter().for_each(|(name, value)| self.notes(name, Some(value)));
        fields
    }

    /// Where a form goes: an address that repeats one of its fields leaves the same out.
    pub(super) fn address_of(&self, mut url: Url) -> Url {
        let members = &self.visitor.memory.members;
        let pairs: Vec<(String, String)> = url.query_pairs().into_owned().collect();
        if pairs.iter().any(|(name, _)| members.leaves_out(name)) {
            url.set_query(None);
            let kept = pairs.iter().filter(|(name, _)| !members.leaves_out(name));
            url.query_pairs_mut().extend_pairs(kept);
        }
        url
    }

    /// A JSON body, as this browser sends it: its members at the top, where it is an object.
    pub(super) fn members_of(&mut self, mut body: Value) -> Value {
        if let Value::Object(members) = &mut body {
            members.retain(|name, _| !self.visitor.memory.members.leaves_out(name));
            members.iter().for_each(|(name, value)| self.notes(name, value.as_str()));
        }
        body
    }

    /// A member that holds the password is what the form is for, and not remembered.
    fn notes(&mut self, name: &str, value: Option<&str>) {
        let password = self.values.input("password").map(|input| input.value());
        if password.is_none() || password.as_ref().and_then(Value::as_str) != value {
            self.visitor.memory.members.note(name);
        }
    }
}
