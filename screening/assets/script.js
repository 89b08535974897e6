// Everything here is an extra: each page works without it, and each part copes with its element's absence.
import {
  Button,
  CharacterCount,
  Checkboxes,
  ErrorSummary,
  NotificationBanner,
  Radios,
  SkipLink,
  createAll
} from 'govuk-frontend'
import './desk.js'

const MINUTE = 60000 // milliseconds
const PAUSE = 3000 // milliseconds without a key, after which what was typed is kept
const LONGEST_TIMEOUT = 2 ** 31 - 1 // more than this wraps round, and would fire at once

// Counts as the server does: an emoji is one character, however many units of UTF-16 it takes.
class WholeCharacterCount extends CharacterCount {
  updateCount () {
    this.count = [...this.$textarea.value.normalize('NFC')].length
  }
}

function startComponents () {
  // The design system's own template does this in an inline script, which our policy forbids.
  document.body.classList.add('js-enabled')
  if ('noModule' in HTMLScriptElement.prototype) document.body.classList.add('govuk-frontend-supported')
  for (const Component of [Button, WholeCharacterCount, Checkboxes, ErrorSummary, NotificationBanner, Radios, SkipLink]) {
    createAll(Component)
  }
}

function startPrinting () {
  for (const button of document.querySelectorAll('[data-print]')) {
    button.hidden = false
    button.addEventListener('click', () => window.print())
  }
}

// Says that the session will end, and offers to keep it. Markup: staff/parts.html; for patients it is
// patient/more_time.html, which comes when it is first needed, so that no other page carries it.
class ExpiryWarning {
  constructor (region) {
    this.region = region
    this.lifetime = Number(region.dataset.expiresIn) * 1000
    this.notice = Number(region.dataset.warnBefore) * 1000
    this.leaving = region.dataset.endedUrl ? new Leaving(region) : null
    this.find()
  }

  find () {
    this.button = this.region.querySelector('[data-expiry-keep]')
    this.heading = this.region.querySelector('[data-expiry-heading]')
    this.failure = this.region.querySelector('[data-expiry-failed]')
    this.minutes = this.region.querySelector('[data-expiry-minutes]')
    this.over = this.region.querySelector('[data-expiry-over]')
    if (this.button) this.button.addEventListener('click', () => this.keep())
  }

  start () {
    if (!(this.lifetime > 0) || !(this.notice >= 0)) return
    // A sleeping phone stops timers, so the clock is read again when the page comes back.
    document.addEventListener('visibilitychange', () => this.check())
    window.addEventListener('pageshow', () => this.check())
    this.restart()
  }

  restart () {
    // Never in the first half of the time: who has just answered needs no warning yet.
    this.warnAt = Date.now() + Math.max(this.lifetime / 2, this.lifetime - this.notice)
    this.endAt = Date.now() + this.lifetime
    this.check()
  }

  check () {
    clearTimeout(this.timer)
    if (Date.now() >= this.endAt) return this.end()
    if (this.region.hidden && Date.now() >= this.warnAt) {
      if (!this.heading) return this.fetchWords()
      this.show()
    }
    const next = this.region.hidden ? this.warnAt : this.count()
    if (next > Date.now()) this.timer = setTimeout(() => this.check(), Math.min(next - Date.now(), LONGEST_TIMEOUT))
  }

  // Says how many minutes are left, and when to say it again.
  count () {
    if (!this.minutes) return this.endAt
    const left = Math.max(1, Math.ceil((this.endAt - Date.now()) / MINUTE))
    const words = left === 1 ? this.minutes.dataset.textOne : this.minutes.dataset.textOther
    this.minutes.textContent = words.replace('%{count}', left)
    return Math.min(this.endAt, this.endAt - (left - 1) * MINUTE + 1)
  }

  async end () {
    if (this.ending) return
    this.ending = true
    const seconds = this.leaving ? await this.leaving.leave() : await this.left()
    this.ending = false
    if (seconds === 0) return this.tell()
    this.lifetime = seconds * 1000
    this.region.hidden = true
    this.restart()
  }

  // Seconds that the answers live, which another page may have put off; without a network it is asked again.
  async left () {
    try {
      const answer = await fetch(this.region.dataset.keepUrl, { redirect: 'manual' })
      if (answer.status === 404 && this.heading) return 0 // gone, and their treatment is not open any more
      if (!answer.ok) return ASK_AGAIN / 1000
      const said = await answer.json()
      if (!this.heading) {
        const page = new DOMParser().parseFromString(said.words, 'text/html')
        this.region.replaceChildren(...page.body.children)
        this.find()
      }
      return Number(said.expires_in)
    } catch {
      return ASK_AGAIN / 1000
    }
  }

  async fetchWords () {
    await this.left()
    if (this.heading) this.check()
    else this.timer = setTimeout(() => this.check(), ASK_AGAIN)
  }

  tell () {
    this.region.querySelector('[data-expiry-soon]').hidden = true
    this.over.hidden = false
    this.region.hidden = false
    this.over.querySelector('[data-expiry-over-heading]').focus()
  }

  // The answers were used just now, and live so many seconds from here.
  renew (seconds) {
    this.lifetime = seconds * 1000
    this.region.hidden ? this.restart() : this.hide() || this.restart()
  }

  show () {
    this.before = document.activeElement
    this.place = window.scrollY
    this.region.hidden = false
    if (this.heading) this.heading.focus()
  }

  hide () {
    this.region.hidden = true
    if (this.before && this.before.isConnected) this.before.focus({ preventScroll: true })
    window.scrollTo(window.scrollX, this.place)
  }

  async keep () {
    if (this.asking) return
    this.asking = true
    if (this.failure) this.failure.hidden = true
    const seconds = await this.ask()
    if (seconds > 0) {
      this.lifetime = seconds * 1000
      this.hide()
      this.restart()
    } else if (this.failure) this.failure.hidden = false
    this.asking = false
  }

  // Seconds that the answers now live; 0 where they could not be kept.
  async ask () {
    const form = this.button.form || this.region.closest('form')
    const body = form ? new FormData(form) : new FormData()
    try {
      // A redirect means that the session is gone: that must not look like success.
      const answer = await fetch(this.region.dataset.keepUrl, { method: 'POST', body, redirect: 'manual' })
      return answer.ok ? Number((await answer.json()).expires_in) : 0
    } catch {
      return 0
    }
  }
}

// Takes a page about patients off the screen when the session is over; what was typed goes to the server first,
// which keeps it sealed until the person has signed in again.
class Leaving {
  constructor (region) {
    this.urls = region.dataset
    this.forms = [...document.querySelectorAll('main form[method=post]')]
  }

  // Seconds that are left after all, because another page put off the end; otherwise it does not return.
  async leave () {
    document.body.hidden = true
    for (;;) {
      try {
        const seconds = await this.left()
        if (seconds > 0) return this.stay(seconds)
        return await this.go()
      } catch {
        await new Promise(resolve => setTimeout(resolve, ASK_AGAIN)) // no network: nothing typed may be lost
      }
    }
  }

  async left () {
    const answer = await fetch(this.urls.leftUrl, { redirect: 'manual' })
    return answer.ok ? Number((await answer.json()).expires_in) : 0
  }

  stay (seconds) {
    document.body.hidden = false
    return seconds
  }

  async go () {
    const typed = this.forms.find(isTyped)
    if (typed) await this.keepWords(typed)
    const onward = typed ? new URL(typed.action).pathname : this.urls.onward
    location.replace(`${this.urls.endedUrl}?next=${encodeURIComponent(onward)}`)
    return new Promise(() => {}) // until the page is gone
  }

  // To an address that can only keep: nothing is ever sent in the writer's name by a timer.
  async keepWords (form) {
    const body = new URLSearchParams(new FormData(form))
    body.set('kept_for', new URL(form.action).pathname)
    const answer = await fetch(this.urls.wordsUrl, { method: 'POST', body, redirect: 'manual' })
    if (answer.status >= 500) throw new Error() // a database that is away: tried again, like no network
  }
}

// What stands on a page that is not finished goes to where it is kept sealed, and counted for nothing until
// its writer goes on: it is there again after a refresh, and when they come back.
class WordKeeper {
  constructor (form, warning) {
    this.form = form
    this.warning = warning
  }

  start () {
    this.form.addEventListener('input', () => this.later())
    this.form.addEventListener('submit', () => this.stop())
    window.addEventListener('pagehide', () => this.keep({ keepalive: true }))
    document.addEventListener('visibilitychange', () => { if (document.hidden) this.keep({ keepalive: true }) })
  }

  later () {
    clearTimeout(this.timer)
    this.changed = true
    this.timer = setTimeout(() => this.keep(), PAUSE)
  }

  // What is on its way is called back: its answer must not come after that of a form that is sent now.
  stop () {
    clearTimeout(this.timer)
    this.sending?.abort()
    this.changed = false
  }

  async keep (how = {}) {
    if (!this.changed) return
    clearTimeout(this.timer)
    this.changed = false
    this.sending = new AbortController()
    try {
      const body = new URLSearchParams(new FormData(this.form))
      const options = { method: 'POST', body, redirect: 'manual', signal: this.sending.signal, ...how }
      const answer = await fetch(this.form.dataset.wordsUrl, options)
      const seconds = answer.ok ? Number((await answer.json()).expires_in) : 0
      if (seconds > 0 && this.warning) this.warning.renew(seconds)
    } catch (error) {
      if (error.name !== 'AbortError') this.changed = true // kept the next time
    }
  }
}

const ASK_AGAIN = 10000 // milliseconds

function isTyped (form) {
  return [...form.elements].some(field =>
    /^(radio|checkbox)$/.test(field.type) ? field.checked !== field.defaultChecked
      : field.type === 'select-one' ? field.selectedIndex > 0 && !field.options[field.selectedIndex].defaultSelected
        : /^(text|textarea)$/.test(field.type) && field.value !== field.defaultValue)
}

// The browser's part of passkeys: the page brings what the server asks for, the form takes the answer back.
const PASSKEYS = {
  create: options => navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(options) }),
  get: options => navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(options) })
}

async function startPasskey (form) {
  try {
    const made = await PASSKEYS[form.dataset.passkey](JSON.parse(form.dataset.passkeyOptions))
    form.elements.credential.value = JSON.stringify(made.toJSON())
    form.submit()
  } catch {
    form.querySelector('[data-passkey-failed]').hidden = false
  }
}

// Back and Reload ask for a page that showed a mistake as for any other: with the sent form in their way, the
// browser would show a page of its own instead. What was typed is kept, and stands on it again.
function askAnew () {
  if (document.querySelector('form[data-asked-anew]')) history.replaceState(history.state, '')
}

startComponents()
startPrinting()
askAnew()
for (const form of document.querySelectorAll('[data-passkey]')) startPasskey(form)
let warning = null
for (const region of document.querySelectorAll('[data-expiry]')) (warning = new ExpiryWarning(region)).start()
for (const form of document.querySelectorAll('form[data-words-url]')) new WordKeeper(form, warning).start()
