import './configureZod.ts';
import './styles/fonts.css';
import './styles/tokens.css';
import './styles/base.css';
import './styles/jobs.css';
import { mount } from 'svelte';
import App from './App.svelte';
import { ApiClient } from './api/ApiClient.ts';
import { takeToken } from './api/takeToken.ts';
import { Theme } from './state/Theme.svelte.ts';
import { Workbench } from './state/Workbench.svelte.ts';

const target = document.getElementById('app');
if (!target) throw new Error('the page has no place for the workbench');

const client = new ApiClient((path, init) => fetch(path, init), takeToken(location, history, sessionStorage));
mount(App, { target, props: { workbench: new Workbench(client), theme: new Theme() } });
