// theme.js — dark or light before the first paint; the system's choice unless one was made here.
"use strict";
(() => {
  const stored = () => {
    try { return localStorage.getItem("needletail-theme"); } catch { return null; }
  };
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const apply = () => {
    document.documentElement.dataset.theme = stored() || (dark.matches ? "dark" : "light");
    dispatchEvent(new Event("themechange"));
  };
  window.toggleTheme = () => {
    const next = document.documentElement.dataset.theme === "dark" ? "light" : "dark";
    try { localStorage.setItem("needletail-theme", next); } catch { /* not kept, then */ }
    document.documentElement.dataset.theme = next;
    dispatchEvent(new Event("themechange"));
  };
  dark.addEventListener("change", apply);
  apply();
})();
