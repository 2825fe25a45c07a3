//! The policies that count: the guard's own, in the learner's wording where there is one, and the
//! learner's own.

use crate::protocol::Policy;

/// What the id of a policy of the learner's begins with.
const OWN: &str = "own-";

/// What is put before the id of a policy in the learner's wording beside the original.
const CHANGED: &str = "changed-";

/// The policies that count. `edits` are the learner's: those with the id of an original take its
/// place, the others follow.
pub fn current(originals: &[Policy], edits: &[Policy]) -> Vec<Policy> {
    let edited = |policy: &Policy| edits.iter().find(|edit| edit.id == policy.id);
    let mut rules: Vec<_> =
        originals.iter().map(|policy| edited(policy).unwrap_or(policy).clone()).collect();
    let is_original = |edit: &&Policy| originals.iter().any(|policy| policy.id == edit.id);
    rules.extend(edits.iter().filter(|edit| !is_original(edit)).cloned());
    rules
}

/// Notes a policy as the learner has it now; one that is as it was originally is no edit.
pub fn edit(originals: &[Policy], edits: &mut Vec<Policy>, policy: Policy) {
    let is_original = originals.contains(&policy);
    match edits.iter_mut().find(|edit| edit.id == policy.id) {
        Some(_) if is_original => edits.retain(|edit| edit.id != policy.id),
        Some(edit) => *edit = policy,
        None if is_original => {}
        None => edits.push(policy),
    }
}

/// Whether this is a policy that the learner wrote from nothing.
pub fn is_own(id: &str) -> bool {
    id.starts_with(OWN)
}

/// A policy of the learner's, with an id that none has yet.
pub fn fresh(edits: &[Policy]) -> Policy {
    let mut number = 1;
    while edits.iter().any(|edit| edit.id == format!("{OWN}{number}")) {
        number += 1;
    }
    let (name, description) = ("Cooking", "is a recipe or gives advice on cooking.");
    Policy {
        id: format!("{OWN}{number}"),
        name: name.to_owned(),
        description: description.to_owned(),
        forbids: true,
    }
}

/// What is asked to see each policy before and after: the originals, and what the learner made.
pub fn side_by_side(originals: &[Policy], edits: &[Policy]) -> Vec<Policy> {
    let mut asked = originals.to_vec();
    asked.extend(edits.iter().map(|edit| Policy { id: changed_id(&edit.id), ..edit.clone() }));
    asked
}

/// The id under which [`side_by_side`] asks by the learner's wording of a policy.
pub fn changed_id(id: &str) -> String {
    format!("{CHANGED}{id}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn policy(id: &str, name: &str) -> Policy {
        Policy {
            id: id.to_owned(),
            name: name.to_owned(),
            description: String::new(),
            forbids: true,
        }
    }

    #[test]
    fn an_edit_takes_the_place_of_its_original_and_own_ones_follow() {
        let originals = [policy("hate", "Hate"), policy("sexual", "Sex")];
        let mut edits = vec![policy("own-1", "Cooking")];
        edit(&originals, &mut edits, policy("sexual", "Other"));
        let rules = current(&originals, &edits);
        let names: Vec<_> = rules.iter().map(|rule| rule.name.as_str()).collect();
        assert_eq!(names, ["Hate", "Other", "Cooking"]);
        edit(&originals, &mut edits, policy("sexual", "Sex"));
        assert_eq!(edits.len(), 1);
        edit(&originals, &mut edits, policy("hate", "Hate"));
        assert_eq!(edits.len(), 1);
    }

    #[test]
    fn ids_are_unique() {
        let first = fresh(&[]);
        let second = fresh(std::slice::from_ref(&first));
        assert!(is_own(&first.id) && first.id != second.id);
        let originals = [policy("hate", "Hate")];
        let asked = side_by_side(&originals, &[policy("hate", "Other"), first]);
        let mut ids: Vec<_> = asked.iter().map(|rule| rule.id.clone()).collect();
        ids.sort();
        ids.dedup();
        assert_eq!(ids.len(), 3);
    }
}
