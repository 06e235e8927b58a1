for (const table of document.querySelectorAll("table[data-cards]")) {
  const titles = [...table.tHead.rows[0].cells].map((cell) => cell.textContent);
  for (const row of [...table.tBodies[0].rows, ...(table.tFoot?.rows ?? [])]) {
    for (const cell of [...row.cells].slice(1)) cell.dataset.title = titles[cell.cellIndex];
  }
  table.classList.add("cards");
}
"use strict";
(() => {
  const value = (cell) => {
    const text = cell && cell.firstChild ? cell.firstChild.textContent : "";
    const number = parseFloat(text.replace(/[\s\u202f+]/g, "").replace("\u2212", "-"));
    return [text.trim().toLowerCase(), Number.isNaN(number) ? (text.startsWith("unlimited") ? Infinity : -Infinity) : number];
  };
  const sort = (table, head, index) => {
    const numeric = head.classList.contains("n");
    const direction = head.dataset.dir ? -Number(head.dataset.dir) : numeric ? -1 : 1;
    for (const other of table.tHead.rows[0].cells) { delete other.dataset.dir; other.removeAttribute("aria-sort"); }
    head.dataset.dir = String(direction);
    head.setAttribute("aria-sort", direction > 0 ? "ascending" : "descending");
    const body = table.tBodies[0];
    const rows = Array.from(body.rows, (row, i) => [value(row.cells[index]), i, row]);
    rows.sort((a, b) => (numeric ? direction * (a[0][1] - b[0][1] || 0) : direction * a[0][0].localeCompare(b[0][0], undefined, { numeric: true })) || a[1] - b[1]);
    body.append(...rows.map((r) => r[2]));
  };
  for (const table of document.querySelectorAll("table[data-sort]")) {
    table.dataset.on = "";
    Array.from(table.tHead.rows[0].cells).forEach((head, index) => {
      const button = document.createElement("button");
      button.type = "button";
      button.append(...head.childNodes);
      head.append(button);
      head.addEventListener("click", () => sort(table, head, index));
    });
    const body = table.tBodies[0];
    if (body.rows.length < 25) continue;
    const find = document.createElement("input");
    find.type = "search";
    find.className = "find";
    find.placeholder = "Filter rows";
    find.setAttribute("aria-label", "Filter rows");
    find.addEventListener("input", () => {
      const words = find.value.toLowerCase().split(/\s+/);
      for (const row of body.rows) {
        const text = row.textContent.toLowerCase();
        row.hidden = !words.every((word) => text.includes(word));
      }
    });
    table.parentNode.before(find);
  }
})();
