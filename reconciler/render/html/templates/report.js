"use strict";
(() => {
  const all = (selector, within = document) => [...within.querySelectorAll(selector)];
  const folded = all("details");
  const openAll = () => folded.forEach((each) => { each.open = true; });
  let before = null;
  addEventListener("beforeprint", () => {
    before = folded.map((each) => each.open);
    openAll();
  });
  addEventListener("afterprint", () => {
    if (before) folded.forEach((each, number) => { each.open = before[number]; });
    before = null;
  });
  const form = document.querySelector(".find");
  if (!form) return;
  all(".script", form).forEach((each) => { each.hidden = false; });

  const asMade = folded.map((each) => each.open);
  const few = 100;
  const query = document.getElementById("q");
  const provider = document.getElementById("provider");
  const boxes = all("input[type=checkbox]", form);
  const shown = document.getElementById("shown");
  const hide = (element, hidden) => { if (element.hidden !== hidden) element.hidden = hidden; };
  let index = null;

  const groups = () => all(".provider").map((section) => ({
    section,
    number: section.dataset.provider,
    text: section.querySelector("h2").textContent.toLowerCase(),
    blocks: all(".block", section).map((block) => ({
      block,
      items: all(".item", block).map((item) => {
        const lists = all(":scope > ul", item);
        const around = [...item.children].filter((each) => !lists.includes(each));
        return {
          item,
          state: item.dataset.state,
          hits: item.querySelector(".hits"),
          text: around.map((each) => each.textContent).join(" ").toLowerCase(),
          parts: lists.map((list) => ({
            list,
            members: [...list.children].map((member) => ({ member, text: member.textContent.toLowerCase() })),
          })),
          size: lists.reduce((size, list) => size + list.children.length, 0),
        };
      }),
    })),
  }));
  const strangers = () => all(".strangers li").map((entry) => ({ entry, text: entry.textContent.toLowerCase() }));
  const others = document.querySelector(".strangers");

  const ready = () => { index ??= { groups: groups(), strangers: strangers() }; };

  const find = () => {
    ready();
    const words = query.value.toLowerCase().split(/\s+/).filter(Boolean);
    const states = new Set(boxes.filter((box) => box.checked).map((box) => box.value));
    const only = provider ? provider.value : "";
    const asked = words.length > 0 || states.size > 0 || only !== "";
    let found = 0, total = 0;
    for (const group of index.groups) {
      let inGroup = 0;
      for (const { block, items } of group.blocks) {
        let inBlock = 0;
        for (const each of items) {
          total += each.size;
          const fits = (!only || only === group.number) && (!states.size || states.has(each.state));
          const left = words.filter((word) => !each.text.includes(word) && !group.text.includes(word));
          let hits = 0;
          for (const { list, members } of fits ? each.parts : []) {
            const hit = members.map(({ text }) => left.every((word) => text.includes(word)));
            const some = hit.includes(true);
            hide(list, !some);
            // What stands in a hidden list is never looked at, so a part without hits costs one change, not a hundred.
            if (some) members.forEach(({ member }, number) => hide(member, !hit[number]));
            hits += hit.filter(Boolean).length;
          }
          hide(each.item, hits === 0);
          if (each.hits) each.hits.textContent = asked && hits < each.size ? `${hits} found` : "";
          if (asked && each.hits) each.item.open = hits <= few;
          inBlock += hits;
        }
        hide(block, inBlock === 0);
        inGroup += inBlock;
      }
      hide(group.section, inGroup === 0);
      found += inGroup;
    }
    let beside = 0;
    for (const { entry, text } of index.strangers) {
      const hit = words.every((word) => text.includes(word));
      hide(entry, !hit);
      if (hit) beside += 1;
    }
    if (others) {
      hide(others.parentElement, beside === 0);
      if (asked) others.open = beside <= few;
    }
    if (!asked) folded.forEach((each, number) => { each.open = asMade[number]; });
    shown.textContent = asked ? `${found} of ${total} webhooks` : "";
  };

  if ("requestIdleCallback" in window) requestIdleCallback(ready); else setTimeout(ready);
  form.addEventListener("input", find);
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("reset", () => setTimeout(find));
  document.getElementById("unfold").addEventListener("click", openAll);
})();
