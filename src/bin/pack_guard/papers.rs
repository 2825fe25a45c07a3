//! What goes with the weights: the manifest's entry, the card, the licence's notice.

use resilient_ai::safety::NOTICE;
use resilient_ai::weights::Manifest;
use resilient_ai::weights::packing::Pieces;
use resilient_ai::weights::sha256;
use serde_json::json;

use crate::Outcome;
use crate::source::Source;
use crate::space::megabytes;

/// What the weights are called, in pieces or whole.
pub const WEIGHTS: &str = "model.safetensors";

/// The file with the entry that a site's manifest gets.
pub const ENTRY: &str = "guard.json";

/// What whoever hosts the folder has to do, by section 3.1 of the terms.
pub const DUTIES: &str = "\
Whoever hosts these files distributes a model derivative of Gemma. The Gemma Terms of Use (section 3.1)
then ask you to
- make the use restrictions of section 3.2 and the Prohibited Use Policy
  (ai.google.dev/gemma/prohibited_use_policy) an enforceable part of your site's terms, and tell your
  visitors that these weights are subject to them;
- give every recipient a copy of the terms (ai.google.dev/gemma/terms): put one beside this file;
- say prominently that the files were changed, as CARD.md does;
- hand the file NOTICE on with them.
";

/// The small files of a guard's folder.
pub struct Papers<'a> {
    pub id: &'a str,
    pub source: &'a Source,
    pub pieces: &'a Pieces,
}

impl Papers<'_> {
    /// Their names and contents.
    pub fn files(&self) -> Outcome<Vec<(&'static str, Vec<u8>)>> {
        let pieces = serde_json::to_vec(self.pieces).map_err(|error| error.to_string())?;
        Ok(vec![
            ("config.json", self.source.config_json.clone()),
            ("tokenizer.json", self.source.tokenizer_json.clone()),
            ("pieces.json", pieces),
            (ENTRY, self.entry()?.into_bytes()),
            ("CARD.md", self.card().into_bytes()),
            ("NOTICE", format!("{NOTICE}\n\n{DUTIES}").into_bytes()),
        ])
    }

    /// The manifest's entry, as JSON.
    fn entry(&self) -> Outcome<String> {
        let id = self.id;
        let title = "ShieldGemma 2B";
        let tokenizer = &self.source.tokenizer_json;
        let entry = json!({
            "id": id,
            "title": {"en": title, "vi": title},
            "tier": "built_in",
            "config": format!("{id}/config.json"),
            "tokenizer": {
                "url": format!("{id}/tokenizer.json"),
                "bytes": tokenizer.len(),
                "sha256": sha256(tokenizer)
            },
            "weights": {
                "url": format!("{id}/{WEIGHTS}"),
                "bytes": self.pieces.bytes(),
                "sha256": null
            },
            "pieces": format!("{id}/pieces.json"),
            "context": self.source.config.max_positions,
            "licence": "Gemma Terms of Use",
            "card": format!("{id}/CARD.md"),
            "metrics": null
        });
        let manifest = json!({"version": 1, "models": [], "guards": [entry]});
        Manifest::parse(&manifest.to_string()).map_err(|error| error.to_string())?;
        Ok(format!("{entry:#}\n"))
    }

    fn card(&self) -> String {
        let config = &self.source.config;
        format!(
            "# ShieldGemma 2B, packed\n\n\
             Answers Yes or No: does this text violate this policy? Made from the official weights by\n\
             `cargo xtask import shieldgemma`.\n\n\
             | | |\n|---|---|\n\
             | architecture | Gemma 2: hidden {hidden}, {layers} layers, {heads} query and {kv_heads} \
             key/value heads of {head_dim}, MLP {intermediate}, {parameters:.2} billion weights |\n\
             | **changed** | matrices packed as int4 (-7 to 7), the embedding as int8, in blocks of 32 \
             numbers along a row with a scale in f16; norms as f32 |\n\
             | size | {size} in {pieces} pieces |\n\
             | licence | Gemma Terms of Use; see NOTICE |\n\n\
             Figures published for ShieldGemma are those of the official weights in bf16. Packing \
             changes answers a little;\n\
             how much has not been measured on these files.\n",
            hidden = config.hidden,
            layers = config.layers(),
            heads = config.heads,
            kv_heads = config.kv_heads,
            head_dim = config.head_dim,
            intermediate = config.intermediate,
            parameters = config.parameters() as f64 / 1e9,
            size = megabytes(self.pieces.bytes()),
            pieces = self.pieces.count(),
        )
    }
}
