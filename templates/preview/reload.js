const edition = document.currentScript.dataset.edition;
setInterval(async () => {
  try {
    const answer = await fetch("/-/edition");
    if (String((await answer.json()).edition) !== edition) location.replace(location.pathname);
  } catch { /* the preview has ended, or starts again */ }
}, 700);
