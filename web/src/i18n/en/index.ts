import shell from './shell'
import machines from './machines'
import containers from './containers'
import images from './images'
import admin from './admin'
import account from './account'

export default { ...shell, ...machines, ...containers, ...images, ...admin, ...account }
