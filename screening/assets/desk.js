// The staff's pages by keyboard, and who else is looking. Each page works without it.

const SWITCH = 'desk-keys' // where the browser remembers that a person turned the keys off
const ASK_AFTER = 30000 // milliseconds, for what changed in a list
const LOOK_AFTER = 4000 // milliseconds; the server forgets who looks after ten seconds
const CHORD = 1500 // milliseconds for each of the two numbers after g

// Single keys can get in the way of speech control, so they can be turned off (WCAG 2.1.4). They only ever move
// the focus or follow what has a link or a button on the page, so a screen reader's own keys lose nothing by it.
class DeskKeys {
  constructor (note) {
    this.rows = [...document.querySelectorAll('[data-row]')]
    this.note = note
    this.on = localStorage.getItem(SWITCH) !== 'off'
    this.keys = {
      j: () => this.move(1),
      k: () => this.move(-1),
      n: () => press('[data-next-step]'),
      x: () => this.tick(),
      a: () => press('[data-tick-all]'),
      '/': () => this.search(),
      '?': () => this.tell(),
      g: () => this.lists('')
    }
  }

  start () {
    document.addEventListener('keydown', event => this.press(event))
    if (!this.note) return
    this.note.hidden = false
    this.list = this.note.querySelector('[data-keys-list]')
    this.button = this.note.querySelector('[data-keys-switch]')
    this.button.addEventListener('click', () => this.toggle())
    this.show()
  }

  press (event) {
    const typing = event.target.closest('input, select, textarea, [contenteditable]')
    if (!this.on || typing || event.ctrlKey || event.altKey || event.metaKey) return
    if (/^[0-9]$/.test(event.key) && Date.now() - this.chord < CHORD) this.lists(this.numbers + event.key)
    else if (Object.hasOwn(this.keys, event.key)) this.keys[event.key]()
    else return
    event.preventDefault()
  }

  // Enter opens what has the focus: that is the browser's own doing.
  move (step) {
    const target = document.querySelector('[data-row]:target')
    const at = this.rows.indexOf(document.activeElement)
    const from = at < 0 && target ? this.rows.indexOf(target) - Math.max(step, 0) : at
    const next = from < 0 && !target ? (step > 0 ? 0 : this.rows.length - 1) : from + step
    focus(this.rows[next])
  }

  // Where there is no search on this page it is on the first one.
  search () {
    const here = document.querySelector('#search')
    if (here) here.focus()
    else press('[data-search]')
  }

  // A list has two numbers, the same on every page.
  lists (numbers) {
    this.numbers = numbers
    this.chord = numbers.length < 2 ? Date.now() : 0
    press(`[data-list="${numbers}"]`)
  }

  tick () {
    const row = document.activeElement.closest('tr')
    const box = row && row.querySelector('[name=chosen]')
    if (box) box.click()
  }

  tell () {
    if (!this.list) return
    this.list.hidden = !this.list.hidden
    if (!this.list.hidden) focus(this.list)
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

function focus (element) {
  if (element) element.focus()
}

function press (what) {
  const element = document.querySelector(what)
  if (element) element.click()
}

// Ticks every row of a list, or none of them; without a script the link opens the list again with all of them ticked.
function tickAll (link) {
  const ticks = [...document.querySelectorAll(`[name=chosen][form=${link.dataset.tickAll}]`)]
  const tell = () => { link.textContent = ticks.every(tick => tick.checked) ? link.dataset.none : link.dataset.every }
  link.addEventListener('click', event => {
    const on = !ticks.every(tick => tick.checked)
    for (const tick of ticks) tick.checked = on
    tell()
    event.preventDefault()
  })
  for (const tick of ticks) tick.addEventListener('change', tell)
  window.addEventListener('pageshow', tell)
}

function keepAsking (address, every, tell) {
  const ask = async () => {
    if (document.hidden) return
    try {
      const answer = await fetch(address, { redirect: 'manual' })
      if (answer.ok) tell(await answer.json())
    } catch {
      // Nobody is told less than the page said: the next try may work.
    }
  }
  setInterval(ask, every)
  return ask
}

function say (line, text) {
  if (line.textContent !== text) line.textContent = text
  const box = line.closest('[data-box]') || line
  box.hidden = !text
}

// Who has it open: asked at once, when the page is seen again, and until the page says that it was left.
function look (line) {
  const ask = keepAsking(line.dataset.looking, LOOK_AFTER, ({ text }) => say(line, text))
  const leave = () => {
    const token = document.querySelector('[name=csrf_token]')
    if (token) navigator.sendBeacon(line.dataset.left, new URLSearchParams({ csrf_token: token.value }))
  }
  window.addEventListener('pagehide', leave)
  window.addEventListener('pageshow', ask)
  document.addEventListener('visibilitychange', () => document.hidden ? leave() : ask())
}

function lookAtRows (table) {
  const lines = [...table.querySelectorAll('[data-looks]')]
  keepAsking(table.dataset.rowsLooking, LOOK_AFTER, ({ rows }) => {
    for (const line of lines) say(line, rows[line.dataset.looks] || '')
  })
}

// Questions that hang on an answer of the same page are there when that answer is; without script they all are, each
// with the words that say when. The server decides: this only shows and hides.
class FollowUps {
  constructor (form) {
    this.fields = form.elements
    this.parts = [...form.querySelectorAll('[data-asked-when]')]
      .map(part => ({ part, when: JSON.parse(part.dataset.askedWhen), fields: [...part.querySelectorAll('input, textarea, select')] }))
    form.addEventListener('change', () => this.show())
    window.addEventListener('pageshow', () => this.show())
    this.show()
  }

  // In the order of the page: one that is hidden leads to nothing either.
  show () {
    for (const { part, when, fields } of this.parts) {
      part.hidden = !this.holds(when)
      for (const field of fields) field.disabled = part.hidden
    }
  }

  holds (when) {
    if (typeof when === 'boolean') return when
    if (when.all) return when.all.every(each => this.holds(each))
    if (when.any) return when.any.some(each => this.holds(each))
    return [...this.fields].some(field =>
      field.name === when.name && field.checked && !field.disabled && when.is.includes(field.value))
  }
}

for (const form of document.querySelectorAll('form:has([data-asked-when])')) new FollowUps(form)

if (document.querySelector('[data-row], [data-next-step], [data-keys]')) {
  new DeskKeys(document.querySelector('[data-keys]')).start()
}
for (const link of document.querySelectorAll('[data-tick-all]')) tickAll(link)
for (const line of document.querySelectorAll('[data-left]')) look(line)
for (const table of document.querySelectorAll('[data-rows-looking]')) lookAtRows(table)
for (const line of document.querySelectorAll('[data-changed]')) {
  keepAsking(line.dataset.changed, ASK_AFTER, ({ text }) => say(line, text))
}
