// Runs before the first paint and before the page's module: colours, language, and whether this
// browser can run the page at all. Written for old browsers, which are the ones it is about.
(function () {
  "use strict";
  var root = document.documentElement;

  // WebAssembly.validate of a module with one SIMD instruction.
  function hasSimd() {
    var bytes = [
      0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 10, 1, 8, 0, 65, 0,
      253, 15, 253, 98, 11,
    ];
    return WebAssembly.validate(new Uint8Array(bytes));
  }

  // Whether the browser looks at a worker's type. The address cannot be parsed, so that no worker
  // starts and nothing is fetched; options are read before that.
  function hasModuleWorkers() {
    var asked = false;
    var look = function () {
      asked = true;
      return "module";
    };
    try {
      new Worker("http://[", Object.defineProperty({}, "type", { get: look }));
    } catch (unparsable) {
      // As it has to be.
    }
    return asked;
  }

  function isSpoken(tag) {
    return tag === "en" || tag === "vi";
  }

  try {
    var record = JSON.parse(localStorage.getItem("resilient-ai")) || {};
    if (record.theme === "light" || record.theme === "dark") {
      root.setAttribute("data-theme", record.theme);
    }
    var kept = isSpoken(record.lang) ? record.lang : null;
  } catch (forbidden) {
    // Without storage the system's colours and the browser's language stand.
  }
  var named = /^#\/(en|vi)(?![a-z0-9_-])/.exec(location.hash);
  var wished = navigator.languages || [navigator.language || "en"];
  var spoken = wished
    .map(function (tag) {
      return tag.slice(0, 2).toLowerCase();
    })
    .filter(isSpoken);
  root.lang = named ? named[1] : kept || spoken[0] || "en";

  var modern =
    typeof WebAssembly === "object" &&
    typeof Worker === "function" &&
    hasSimd() &&
    hasModuleWorkers();
  if (!modern) {
    root.setAttribute("data-start", "unsupported");
  }
  // A module that does not arrive says so here; one that fails to start sets data-failed itself.
  window.addEventListener(
    "error",
    function (event) {
      var script = event.target && event.target.tagName === "SCRIPT";
      if (script) root.setAttribute("data-failed", "not loaded");
    },
    true
  );

  // The browser's own bars follow the theme that is chosen here, where one is.
  function paintBars() {
    var theme = root.getAttribute("data-theme");
    for (var i = 0; i < bars.length; i++) {
      var other = theme && schemes[i].indexOf(theme) < 0;
      bars[i].setAttribute("media", other ? "not all" : theme ? "all" : schemes[i]);
    }
  }
  var bars = document.querySelectorAll("meta[name=theme-color]");
  var schemes = [];
  for (var i = 0; i < bars.length; i++) schemes.push(bars[i].getAttribute("media"));
  paintBars();
  new MutationObserver(paintBars).observe(root, { attributes: true, attributeFilter: ["data-theme"] });
})();
