import { createApp } from 'vue'
import './rider.css'
import './sheets.css'
import RiderApp from './RiderApp.vue'
import { keepShell } from './shell'

createApp(RiderApp).mount('#app')
void keepShell()
