"use strict";
(() => {
  const STEP = 60, THIN = "\u202f", DASH = "–";
  const menu = document.querySelector("details.toc");
  if (menu && matchMedia("(min-width:60em)").matches) menu.open = true;
  const store = document.getElementById("rows");
  if (!store) return;
  const { mark, texts, tables } = JSON.parse(store.textContent);
  const plain = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
  const words = texts.map((t) => plain(typeof t === "string" ? t : `${t[0]} ${t[1] || ""}`));
  const make = (name, attributes, ...inside) => {
    const found = document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) if (value !== null) found.setAttribute(key, value);
    found.append(...inside);
    return found;
  };
  const figure = (value, column) => {
    if (value === null) return DASH;
    const [whole, part] = Math.abs(value).toFixed(column.digits).split(".");
    const text = whole.replace(/\B(?=(\d{3})+$)/g, THIN) + (part ? mark + part : "");
    return (/[1-9]/.test(text) ? (value < 0 ? "\u2212" : column.plus ? "+" : "") : "") + text;
  };
  const whole = (n) => figure(n, { digits: 0, plus: 0 });
  const bar = ([base, load, tick]) => {
    const rect = (name, x, width) => `<rect class="${name}" x="${+x}" width="${+width}" height="10"/>`;
    const box = make("span", {});
    const limit = tick === null ? "" : rect("k", Math.min(tick, 99), 1);
    box.innerHTML = `<svg class="bar" viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true">${rect("t", 0, 100)}${rect("o", 0, base)}${rect("l", base, load)}${limit}</svg>`;
    return box.firstChild;
  };
  const inside = (raw, column) => {
    if (raw === "") return [];
    if ("digits" in column) return [figure(raw, column)];
    const text = texts[raw];
    if (typeof text === "string") return [make("bdi", {}, text)];
    const [first, second, tone, , drawn] = text;
    const out = drawn ? [bar(drawn)] : [];
    if (first) out.push(tone && tone.startsWith("chip") ? make("span", { class: `chip ${tone}` }, first) : make("bdi", {}, first));
    if (second) out.push(make("small", {}, make("bdi", {}, second)));
    return out;
  };
  const tone = (raw, column) => {
    if (raw === "") return "none";
    if ("digits" in column) return column.loss && raw < 0 ? "hot" : "";
    const text = texts[raw];
    return typeof text !== "string" && text[2] && !text[2].startsWith("chip") ? text[2] : "";
  };
  const drawn = (row, columns) => {
    const out = make("tr", { role: "row" });
    columns.forEach((column, k) => {
      const names = [column.numeric ? "n" : "", tone(row[k], column)].join(" ").trim() || null;
      const told = k ? { role: "cell", "data-l": column.title } : { role: "rowheader", scope: "row" };
      out.append(make(k ? "td" : "th", { ...told, class: names, lang: column.lang ?? null }, ...inside(row[k], column)));
    });
    return out;
  };
  const rank = (raw, column) => {
    if (raw === "" || raw === null) return -Infinity;
    if ("digits" in column) return raw;
    const text = texts[raw];
    if (typeof text !== "string" && typeof text[3] === "number") return text[3];
    const first = (typeof text === "string" ? text : text[0]).replace(/[\s\u202f+]/g, "").replace("\u2212", "-").replace(mark, ".");
    return Number.isNaN(parseFloat(first)) ? -Infinity : parseFloat(first);
  };
  const said = (row, columns) => columns.map((c, k) => (row[k] === "" ? "" : "digits" in c ? figure(row[k], c) : words[row[k]])).join(" ");

  class Long {
    constructor(box) {
      this.box = box;
      this.table = box.querySelector("table");
      this.body = this.table.tBodies[0];
      this.status = box.querySelector("[role=status]");
      const { columns, rows } = tables[box.dataset.rows];
      for (const row of rows) while (row.length < columns.length) row.push("");
      this.columns = columns;
      this.rows = rows;
      this.first = [...this.body.rows];
      this.before = this.status.textContent;
      this.opener = make("button", { type: "button", class: "btn-s" }, box.dataset.all);
      this.opener.addEventListener("click", () => (this.on ? this.close() : this.open()));
      box.querySelector(".more").append(this.opener);
    }
    open() {
      const { box } = this;
      this.on = true;
      this.found = this.rows;
      this.find = make("input", { type: "search", class: "find", autocomplete: "off", "aria-label": box.dataset.find, placeholder: box.dataset.find });
      this.find.addEventListener("input", () => this.filter());
      box.before(this.find);
      this.heads = [...this.table.tHead.rows[0].cells];
      this.heads.forEach((head, k) => {
        const button = make("button", { type: "button" }, ...head.childNodes);
        button.addEventListener("click", () => this.sort(k));
        head.append(button);
      });
      box.classList.add("open");
      box.tabIndex = 0;
      box.setAttribute("role", "region");
      box.setAttribute("aria-label", this.table.caption.firstChild.textContent);
      this.opener.textContent = box.dataset.less;
      this.watch = new IntersectionObserver((seen) => seen.some((s) => s.isIntersecting) && this.draw(STEP), { root: box, rootMargin: "300px" });
      this.show();
      this.find.focus();
    }
    close() {
      const { box } = this;
      this.on = false;
      this.watch.disconnect();
      this.find.remove();
      for (const head of this.heads) {
        head.append(...head.firstChild.childNodes);
        head.firstChild.remove();
        head.removeAttribute("aria-sort");
      }
      box.classList.remove("open");
      for (const name of ["tabindex", "role", "aria-label"]) box.removeAttribute(name);
      this.body.replaceChildren(...this.first);
      this.status.textContent = this.before;
      this.opener.textContent = box.dataset.all;
    }
    show() {
      this.body.replaceChildren();
      this.at = 0;
      this.box.scrollTop = 0;
      this.draw(STEP);
      const { none, count } = this.box.dataset;
      this.status.textContent = this.found.length ? count.replace("{n}", whole(this.found.length)).replace("{all}", whole(this.rows.length)) : none;
    }
    draw(most) {
      const next = this.found.slice(this.at, this.at + most);
      this.at += next.length;
      this.body.append(...next.map((row) => drawn(row, this.columns)));
      this.watch?.disconnect();
      if (this.at < this.found.length && this.body.lastChild) this.watch?.observe(this.body.lastChild);
    }
    filter() {
      const asked = plain(this.find.value).split(/\s+/).filter(Boolean);
      const kept = asked.length ? this.rows.filter((row) => { const text = said(row, this.columns); return asked.every((word) => text.includes(word)); }) : this.rows;
      this.found = this.order ? this.ordered(kept) : kept;
      this.show();
    }
    sort(k) {
      const [was, way] = this.order || [];
      this.order = [k, was === k ? -way : this.columns[k].numeric ? -1 : 1];
      this.heads.forEach((head, i) => (i === k ? head.setAttribute("aria-sort", this.order[1] > 0 ? "ascending" : "descending") : head.removeAttribute("aria-sort")));
      this.found = this.ordered(this.found);
      this.show();
    }
    ordered(rows) {
      const [k, way] = this.order, column = this.columns[k];
      const keyed = rows.map((row, i) => [column.numeric ? rank(row[k], column) : row[k] === "" ? "" : words[row[k]] ?? figure(row[k], column), i, row]);
      const apart = column.numeric ? (a, b) => a[0] - b[0] || 0 : (a, b) => a[0].localeCompare(b[0], undefined, { numeric: true });
      return keyed.sort((a, b) => way * apart(a, b) || a[1] - b[1]).map((x) => x[2]);
    }
    print() {
      this.kept = [...this.body.rows];
      this.body.replaceChildren(...(this.on ? this.found : this.rows).map((row) => drawn(row, this.columns)));
    }
    printed() {
      this.body.replaceChildren(...this.kept);
    }
  }
  const long = [...document.querySelectorAll("[data-rows]")].map((box) => new Long(box));
  addEventListener("beforeprint", () => long.forEach((x) => x.print()));
  addEventListener("afterprint", () => long.forEach((x) => x.printed()));
})();
