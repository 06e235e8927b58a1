for (const box of document.querySelectorAll("input[data-column]")) {
  const show = () => {
    for (const cell of document.querySelectorAll(`[data-of="${box.dataset.column}"]`)) cell.classList.toggle("off", !box.checked);
  };
  box.addEventListener("change", show);
  show();
}
document.querySelector(".choose")?.removeAttribute("hidden");
