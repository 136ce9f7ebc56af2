"use strict";
(() => {
  for (const hint of document.querySelectorAll(".scripted")) hint.hidden = false;

  const track = document.getElementById("track");
  if (track) {
    const card = document.getElementById("card");
    const cursor = document.getElementById("cursor");
    const moments = Array.from(document.querySelectorAll("#moments tbody tr"), (row) => ({
      start: Number(row.dataset.start),
      width: Number(row.dataset.width),
      time: row.querySelector("th").textContent,
      sentence: row.dataset.sentence,
      thumbnail: row.querySelector("img").src,
    }));
    const last = moments.length - 1;
    let shown = -1;

    const show = (index) => {
      const next = Math.min(last, Math.max(0, index));
      if (next === shown) return;
      shown = next;
      const moment = moments[shown];
      card.querySelector("img").src = moment.thumbnail;
      card.querySelector("img").alt = `The video at ${moment.time}`;
      card.querySelector(".when").textContent = moment.time;
      card.querySelector(".what").textContent = moment.sentence;
      cursor.setAttribute("x", moment.start * 1000);
      cursor.setAttribute("width", moment.width * 1000);
      track.setAttribute("aria-valuenow", shown + 1);
      track.setAttribute("aria-valuetext", `${moment.time}. ${moment.sentence}`);
    };

    const showAt = (event) => {
      const box = track.getBoundingClientRect();
      const at = (event.clientX - box.left) / box.width;
      const after = moments.findIndex((moment) => at < moment.start + moment.width);
      show(after < 0 ? last : after);
    };

    const steps = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1, PageDown: -10, PageUp: 10 };
    const onKey = (event) => {
      if (event.altKey || event.ctrlKey || event.metaKey) return;
      if (event.key in steps) show(shown + steps[event.key]);
      else if (event.key === "Home") show(0);
      else if (event.key === "End") show(last);
      else return;
      event.preventDefault();
    };

    track.setAttribute("role", "slider");
    track.setAttribute("aria-label", "Moment of the video");
    track.setAttribute("aria-valuemin", 1);
    track.setAttribute("aria-valuemax", moments.length);
    track.tabIndex = 0;
    track.classList.add("live");
    track.addEventListener("pointermove", showAt);
    track.addEventListener("pointerdown", showAt);
    track.addEventListener("keydown", onKey);
    card.hidden = false;
    show(0);
  }

  const large = document.getElementById("large");
  for (const button of document.querySelectorAll(".zoom")) {
    button.addEventListener("click", () => {
      const picture = button.querySelector("img");
      large.querySelector("img").src = picture.src;
      large.querySelector("img").alt = picture.alt;
      large.showModal();
    });
  }
})();
