// Pages that only need the menu, and the marked passage in view.

import "./theme.js";

document.getElementById("passage")?.scrollIntoView({ block: "center" });
