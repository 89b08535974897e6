// The staff's queue by keyboard, and who else is looking. Each page works without it.

const SWITCH = 'desk-keys' // where the browser remembers that a person turned the keys off
const ASK_AFTER = 30000 // milliseconds; the server forgets who looks after a minute

// Single keys can get in the way of speech control, so they can be turned off (WCAG 2.1.4).
class RowKeys {
  constructor (rows, note) {
    this.rows = [...rows]
    this.note = note
    this.on = localStorage.getItem(SWITCH) !== 'off'
  }

  start () {
    document.addEventListener('keydown', event => this.press(event))
    if (!this.note) return
    this.note.hidden = false
    this.button = this.note.querySelector('[data-keys-switch]')
    this.button.addEventListener('click', () => this.toggle())
    this.show()
  }

  press (event) {
    const typing = event.target.closest('input, select, textarea, [contenteditable]')
    if (!this.on || typing || event.ctrlKey || event.altKey || event.metaKey) return
    if (event.key === 'j') this.move(1)
    else if (event.key === 'k') this.move(-1)
  }

  // Enter opens what has the focus: that is the browser's own doing.
  move (step) {
    const at = this.rows.indexOf(document.activeElement)
    const next = at < 0 ? (step > 0 ? 0 : this.rows.length - 1) : at + step
    if (this.rows[next]) this.rows[next].focus()
  }

  toggle () {
    this.on = !this.on
    if (this.on) localStorage.removeItem(SWITCH)
    else localStorage.setItem(SWITCH, 'off')
    this.show()
  }

  show () {
    this.button.textContent = this.on ? this.button.dataset.off : this.button.dataset.on
  }
}

function keepLooking (line) {
  const ask = async () => {
    if (document.hidden) return
    try {
      const answer = await fetch(line.dataset.looking, { redirect: 'manual' })
      if (!answer.ok) return
      const { text } = await answer.json()
      if (line.textContent !== text) line.textContent = text
      line.hidden = !text
    } catch {
      // Nobody is told less than the page said: the next try may work.
    }
  }
  setInterval(ask, ASK_AFTER)
}

const rows = document.querySelectorAll('[data-row]')
if (rows.length) new RowKeys(rows, document.querySelector('[data-keys]')).start()
for (const line of document.querySelectorAll('[data-looking]')) keepLooking(line)
