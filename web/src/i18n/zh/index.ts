import type en from '../en'
import shell from './shell'
import machines from './machines'
import containers from './containers'
import images from './images'
import admin from './admin'
import account from './account'

const words: typeof en = { ...shell, ...machines, ...containers, ...images, ...admin, ...account }

export default words
